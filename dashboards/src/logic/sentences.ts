import type { Alarm } from '../contract'
import type { Dictionary } from '../i18n/dictionary'
import type { Language } from '../i18n/language'
import { isOfZone, type CameraHealth, type ZoneCause } from '../words'
import { evidenceOf, isWithin, limitWords, spreadWords, valueWords } from './evidence'
import { bandWords } from './forecast'
import { densityWithUnit, moment, share, span, timeOfDay } from './format'
import { healthWords, isNotBelieved } from './health'
import { alarmSubject, type Speech } from './subject'
import type { World } from './world'
import { trendOf, zoneView } from './zones'

const CRITICAL_GRADE = 3

/** A camera whose silence has a reason that its worker knows. */
const KNOWN_SILENCE: readonly CameraHealth[] = ['lost', 'ended', 'old_revision']

/** The alarm as a colleague would say it. */
export function alarmSentence(world: World, alarm: Alarm, now_s: number, speech: Speech): string {
  const { words } = speech
  const subject = alarmSubject(world, alarm, speech)
  if (!alarm.present && alarm.returned_at_s === null && alarm.ended_at_s === null) {
    return words.alarms.not_watched(subject, words.alarms.cause[alarm.cause])
  }
  if (isZoneAlarm(alarm)) {
    return alarm.present
      ? presentZone(world, alarm, subject, now_s, speech)
      : words.alarms.over({
          cause: alarm.cause,
          zone: subject,
          worst: alarm.worst === null ? null : valueWords(words, alarm.cause, alarm.worst),
          limit: alarm.limit === null ? null : limitWords(words, alarm.cause, alarm.limit),
          span: overFor(words, alarm, now_s),
        })
  }
  return alarm.present
    ? presentOther(world, alarm, subject, now_s, speech)
    : otherOver(alarm, subject, overFor(words, alarm, now_s), speech)
}

function isZoneAlarm(alarm: Alarm): alarm is Alarm & { cause: ZoneCause } {
  return isOfZone(alarm.cause)
}

function overFor(words: Dictionary, alarm: Alarm, now_s: number): string {
  return span(words, now_s - (alarm.returned_at_s ?? alarm.ended_at_s ?? now_s))
}

function presentZone(
  world: World,
  alarm: Alarm & { cause: ZoneCause },
  subject: string,
  now_s: number,
  { words }: Speech,
): string {
  const { cause, limit } = alarm
  const info = world.zones.find((each) => each.id === alarm.zone_id)
  const { value, live, age_s } = evidenceOf(world, alarm, now_s)
  const state = live && info !== undefined ? zoneView(world, info, now_s).state : null
  const within = value !== null && limit !== null && isWithin(cause, value, limit)
  const began_s = alarm.raised_at_s - alarm.held_s
  const density = state?.density_ppm2 ?? null
  // A trend says where the density goes, which not every cause is about.
  const goes = cause === 'density' || cause === 'forecast' || cause === 'occupancy'
  return words.alarms.of_zone({
    cause,
    zone: subject,
    value: value === null ? null : valueWords(words, cause, value),
    limit: limit === null ? null : limitWords(words, cause, limit),
    standing: !live ? 'old' : within ? 'within' : 'beyond',
    critical: cause === 'density' && alarm.grade >= CRITICAL_GRADE,
    span: span(words, now_s - began_s),
    since: timeOfDay(world.site.timezone, began_s),
    times: alarm.times,
    age: age_s === null ? null : span(words, age_s),
    trend: goes && info !== undefined ? trendOf(state, info.thresholds.tight_ppm2) : null,
    band: state?.forecast == null ? null : bandWords(words, state.forecast),
    density: density === null ? null : densityWithUnit(words, density),
  })
}

function presentOther(
  world: World,
  alarm: Alarm,
  subject: string,
  now_s: number,
  { words, language }: Speech,
): string {
  const said = alarm.words?.[language] ?? alarm.detail
  const hidden = hiddenZones(alarm, language)
  const lasted_s = now_s - (alarm.raised_at_s - alarm.held_s)
  switch (alarm.cause) {
    case 'picture':
      return words.alarms.picture(
        subject,
        pictureHealth(world, alarm, words),
        span(words, lasted_s),
        blindZones(world, alarm, now_s),
      ) + hidden
    case 'silence': {
      const camera = world.cameraStates.get(alarm.subject_id)
      const blind = blindZones(world, alarm, now_s)
      if (camera !== undefined && KNOWN_SILENCE.includes(camera.health)) {
        const health = words.health[camera.health]
        return words.alarms.picture(subject, health, span(words, lasted_s), blind) + hidden
      }
      const picture_s = camera?.captured_at_s ?? null
      const silent_s = picture_s === null ? lasted_s : now_s - picture_s
      return words.alarms.silence(subject, span(words, silent_s), blind) + hidden
    }
    case 'worker':
      return words.alarms.worker(subject, span(words, lasted_s)) + hidden
    case 'weather':
      return isSource(alarm)
        ? words.alarms.source_silent(subject, said)
        : words.alarms.weather(subject, alarm.grade, said)
    default: {
      const waited = alarm.value === null ? null : span(words, alarm.value)
      return words.alarms.delivery(subject, waited, said)
    }
  }
}

/** Which zones were tight when the sight of them went, as a sentence of its own. */
function hiddenZones(alarm: Alarm, language: Language): string {
  const said = alarm.words?.[language] ?? ''
  return said === '' ? '' : ` ${said.charAt(0).toUpperCase()}${said.slice(1)}.`
}

function otherOver(alarm: Alarm, subject: string, over: string, { words }: Speech): string {
  switch (alarm.cause) {
    case 'picture':
    case 'silence':
      return words.alarms.camera_over(subject, over)
    case 'worker':
      return words.alarms.worker_over(subject, over)
    case 'weather':
      return isSource(alarm)
        ? words.alarms.source_over(subject, over)
        : words.alarms.weather_over(subject, over)
    default:
      return words.alarms.delivery_over(subject, over)
  }
}

function isSource(alarm: Alarm): boolean {
  return alarm.subject_id.startsWith('source.')
}

/** What is wrong with the picture: as the camera says now, else as the alarm says. */
function pictureHealth(world: World, alarm: Alarm, words: Dictionary): string {
  const state = world.cameraStates.get(alarm.subject_id)
  if (state !== undefined && isNotBelieved(state.health)) return healthWords(words, state)
  return isNotBelieved(alarm.detail) ? words.health[alarm.detail] : words.alarms.cause.picture
}

function blindZones(world: World, alarm: Alarm, now_s: number): number {
  return world.zones.filter((zone) => {
    const { level, state } = zoneView(world, zone, now_s)
    const parts = [state?.camera_id, ...(state?.camera_ids ?? [])]
    return level === 'unknown' && parts.includes(alarm.subject_id)
  }).length
}

/** What an alarm asks for, in one short sentence. */
export function alarmAsks(world: World, alarm: Alarm, words: Dictionary): string {
  if (alarm.cause !== 'picture') return words.alarms.asks[alarm.cause]
  const health = world.cameraStates.get(alarm.subject_id)?.health ?? 'ok'
  const known: CameraHealth = isNotBelieved(health) ? health : 'silent'
  return words.advice[isNotBelieved(alarm.detail) ? alarm.detail : known]
}

/** The smaller print of an alarm: uncertainty, seen share, worst value, times, people. */
export function alarmDetails(
  world: World,
  alarm: Alarm,
  now_s: number,
  { words }: Speech,
): string[] {
  const at = (time_s: number): string => timeOfDay(world.site.timezone, time_s)
  const details: string[] = []
  const { present } = alarm
  if (present && isZoneAlarm(alarm)) {
    const { sd, live } = evidenceOf(world, alarm, now_s)
    if (live && sd !== null) {
      details.push(words.alarms.uncertainty(spreadWords(words, alarm.cause, sd)))
    }
    if (live && alarm.seen_share !== null) {
      details.push(words.alarms.seen(share(words, alarm.seen_share)))
    }
    if (alarm.worst !== null && alarm.cause !== 'forecast') {
      details.push(words.alarms.worst(valueWords(words, alarm.cause, alarm.worst)))
    }
  }
  details.push(words.alarms.raised(at(alarm.raised_at_s)))
  if (alarm.times > 1 && !present) details.push(words.alarms.times(alarm.times))
  if (alarm.state === 'returned' && alarm.returned_at_s !== null) {
    details.push(words.alarms.returned_at(at(alarm.returned_at_s)))
  }
  if (alarm.escalated > 0) details.push(words.alarms.escalated(alarm.escalated))
  if (alarm.acknowledged_at_s !== null) {
    details.push(words.alarms.by(alarm.acknowledged_by ?? '–', at(alarm.acknowledged_at_s)))
  }
  if (alarm.ended_at_s !== null) details.push(words.alarms.ended_at(at(alarm.ended_at_s)))
  return details
}

/** When an alarm goes to the next person; null: it does not. */
export function escalationWords(alarm: Alarm, now_s: number, words: Dictionary): string | null {
  if (alarm.state !== 'unacknowledged' || alarm.escalates_at_s === null) return null
  const left_s = Math.ceil(alarm.escalates_at_s - now_s)
  return left_s <= 0
    ? words.alarms.escalates_now
    : words.alarms.escalates_in(span(words, left_s))
}

export interface AsideWords {
  /** Why: its reason as somebody wrote it, or what the rule of the design says. */
  reason: string
  /** By whom, since when, until when. */
  facts: string[]
}

/** Why an alarm is set aside, by whom and until when; null: it is not. */
export function asideWords(
  world: World,
  alarm: Alarm,
  now_s: number,
  words: Dictionary,
): AsideWords | null {
  const { aside, state } = alarm
  if (aside === null) return null
  const { timezone } = world.site
  const rules: Record<string, string> = words.aside.rules
  const at = (time_s: number): string => moment(words, timezone, time_s, now_s)
  const facts = [
    aside.by === null ? words.aside.by_rule : words.aside.by(aside.by),
    words.aside.since(at(aside.since_s)),
  ]
  if (aside.until_s !== null) {
    facts.push(words.aside.until(at(aside.until_s), span(words, aside.until_s - now_s)))
  } else if (state !== 'suppressed') {
    facts.push(words.aside.until_ended)
  }
  const rule = Object.hasOwn(rules, aside.reason) ? rules[aside.reason] : undefined
  return { reason: aside.by === null ? (rule ?? aside.reason) : aside.reason, facts }
}
