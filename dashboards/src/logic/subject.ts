import type { Alarm } from '../contract'
import type { Dictionary } from '../i18n/dictionary'
import type { Language } from '../i18n/language'
import type { World } from './world'

/** The language that something is said in. */
export interface Speech {
  words: Dictionary
  language: Language
}

/** What has a name. */
type Named = Pick<World, 'zones' | 'cameras'>

/** What an alarm is about: a zone, a camera, a computer, a weather or a target, in words. */
export function alarmSubject(world: Named, alarm: Alarm, speech: Speech): string {
  if (alarm.cause === 'weather') return weatherSubject(alarm.subject_id, speech)
  const known = [
    ...world.zones.filter(({ id }) => id === alarm.zone_id),
    ...world.cameras.filter(({ id }) => id === alarm.camera_id),
  ]
  return known[0]?.name[speech.language] ?? alarm.subject_id
}

/** A zone or camera of an id that is told without its kind, as the hand-over does. */
export function nameOf(world: Named, id: string, speech: Speech): string {
  const known = [...world.zones, ...world.cameras].find((each) => each.id === id)
  return known?.name[speech.language] ?? weatherSubject(id, speech)
}

function weatherSubject(id: string, { words }: Speech): string {
  const source = /^source\.(.+)$/.exec(id)?.[1]
  if (source !== undefined) return words.alarms.weather_source(source)
  const hazards: Record<string, string> = words.alarms.weather_subject
  return Object.hasOwn(hazards, id) ? (hazards[id] ?? id) : id
}
