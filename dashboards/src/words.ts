import type { Alarm, CameraState, Person, PlanFeature, ZoneState } from './contract'

export type LevelName = ZoneState['level']
export type UnknownReason = NonNullable<ZoneState['unknown_reason']>
export type CameraHealth = CameraState['health']
export type PictureHealth = NonNullable<ZoneState['doubt']>
/** Why a zone's uncertainty is larger than usual. */
export type Doubt = Exclude<PictureHealth, 'ok'>
/** Where there is a picture, but not one that can be believed. */
export type NotBelieved = Extract<UnknownReason, Doubt>
export type AlarmState = Alarm['state']
export type Role = Person['role']
export type PlanKind = PlanFeature['what']
export type LonLat = [number, number]

export const LEVELS = ['clear', 'busy', 'tight', 'critical', 'unknown'] as const satisfies readonly LevelName[]

export const LETTER: Record<LevelName, string> = {
  clear: 'A',
  busy: 'B',
  tight: 'C',
  critical: 'D',
  unknown: '?',
}

/** How many of the four bars a level fills. */
export const BARS: Record<LevelName, number> = {
  clear: 1,
  busy: 2,
  tight: 3,
  critical: 4,
  unknown: 0,
}
