import type {
  Alarm,
  AlarmLoad,
  CameraState,
  Measure,
  MeasureUse,
  Person,
  PlanFeature,
  ZoneState,
} from './contract'

export type LevelName = ZoneState['level']
export type UnknownReason = NonNullable<ZoneState['unknown_reason']>
export type CameraHealth = CameraState['health']
export type PictureHealth = NonNullable<ZoneState['doubt']>
/** Why a zone's uncertainty is larger than usual. */
export type Doubt = Exclude<PictureHealth, 'ok'>
/** Where there is a picture, but not one that can be believed. */
export type NotBelieved = Extract<UnknownReason, Doubt>
export type AlarmState = Alarm['state']
export type AlarmCause = Alarm['cause']
/** Causes of zones, whose alarms carry a value of the zone. */
export type ZoneCause = Exclude<AlarmCause, OtherCause>
export type OtherCause = 'picture' | 'silence' | 'worker' | 'weather' | 'delivery'
export type Priority = Alarm['priority']
export type LoadName = AlarmLoad['name']
export type Delivery = MeasureUse['delivery']
export type MeasureKind = Measure['kind']
export type Role = Person['role']
export type Right = Person['rights'][number]
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

export const PRIORITIES = ['high', 'medium', 'low'] as const satisfies readonly Priority[]

const OTHER_CAUSES: Record<OtherCause, true> = {
  picture: true,
  silence: true,
  worker: true,
  weather: true,
  delivery: true,
}

export function isOfZone(cause: AlarmCause): cause is ZoneCause {
  return !Object.hasOwn(OTHER_CAUSES, cause)
}
