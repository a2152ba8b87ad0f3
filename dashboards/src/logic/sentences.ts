import type { Alarm } from '../contract'
import type { Dictionary } from '../i18n/dictionary'
import type { Language } from '../i18n/language'
import type { LevelName } from '../words'
import { groupAlarms } from './alarms'
import { density, densityWithUnit, share, span, timeOfDay } from './format'
import { isNotBelieved } from './health'
import type { World } from './world'
import { sortedZones, trendOf, zoneView } from './zones'

export interface Speech {
  words: Dictionary
  language: Language
}

/** The alarm as a colleague would say it. */
export function alarmSentence(world: World, alarm: Alarm, now_s: number, speech: Speech): string {
  return alarm.cause === 'density'
    ? densitySentence(world, alarm, now_s, speech)
    : silenceSentence(world, alarm, now_s, speech)
}

/** What the alarm is about: a zone or a camera, in words. */
export function alarmSubject(world: World, alarm: Alarm, { words, language }: Speech): string {
  const zone = world.zones.find((each) => each.id === alarm.zone_id)
  if (zone !== undefined) return zone.name[language]
  const camera = world.cameras.find((each) => each.id === alarm.camera_id)
  if (camera !== undefined) return camera.name[language]
  return alarm.zone_id ?? alarm.camera_id ?? words.alarms.some_camera
}

function densitySentence(world: World, alarm: Alarm, now_s: number, speech: Speech): string {
  const { words } = speech
  const zone = alarmSubject(world, alarm, speech)
  const limit = alarm.threshold_ppm2 === null ? '–' : density(words, alarm.threshold_ppm2)
  const over = alarm.returned_at_s ?? alarm.cleared_at_s
  if (alarm.state === 'returned' || alarm.state === 'cleared') {
    return words.alarms.returned({
      zone,
      limit,
      peak: alarm.peak_ppm2 === null ? null : densityWithUnit(words, alarm.peak_ppm2),
      span: span(words, now_s - (over ?? now_s)),
    })
  }
  const info = world.zones.find((each) => each.id === alarm.zone_id)
  const view = info === undefined ? null : zoneView(world, info, now_s)
  const live = view !== null && view.level !== 'unknown' ? view.state : null
  const value = live?.density_ppm2 ?? alarm.value_ppm2
  const began_s = alarm.raised_at_s - (alarm.held_s ?? 0)
  return words.alarms.density({
    zone,
    density: value === null ? words.zones.no_value : densityWithUnit(words, value),
    limit,
    below: value !== null && alarm.threshold_ppm2 !== null && value < alarm.threshold_ppm2,
    span: span(words, now_s - began_s),
    since: timeOfDay(world.site.timezone, began_s),
    times: alarm.times,
    trend: info === undefined ? null : trendOf(live, info.thresholds.tight_ppm2),
  })
}

function silenceSentence(world: World, alarm: Alarm, now_s: number, speech: Speech): string {
  const { words } = speech
  const subject = alarmSubject(world, alarm, speech)
  const over = alarm.returned_at_s ?? alarm.cleared_at_s
  if (alarm.state === 'returned' || alarm.state === 'cleared') {
    return words.alarms.silence_over(subject, span(words, now_s - (over ?? now_s)))
  }
  const began_s = alarm.raised_at_s - (alarm.held_s ?? 0)
  if (alarm.zone_id !== null) {
    const why = world.zoneStates.get(alarm.zone_id)?.unknown_reason ?? 'silent'
    return words.alarms.silence_zone(subject, words.unknown_short[why], span(words, now_s - began_s))
  }
  const camera = world.cameraStates.get(alarm.camera_id ?? '')
  const picture_s = camera?.captured_at_s ?? null
  const blind = world.zones.filter((zone) => {
    const { level, state } = zoneView(world, zone, now_s)
    const parts = [state?.camera_id, ...(state?.camera_ids ?? [])]
    return level === 'unknown' && parts.includes(alarm.camera_id)
  })
  if (camera !== undefined && isNotBelieved(camera.health)) {
    const health = words.health[camera.health]
    const lasted = span(words, now_s - began_s)
    return words.alarms.not_believed(subject, health, lasted, blind.length)
  }
  return words.alarms.silence(subject, span(words, now_s - (picture_s ?? began_s)), blind.length)
}

/** The smaller print of an alarm: uncertainty, seen share, peak, times. */
export function alarmDetails(world: World, alarm: Alarm, { words }: Speech): string[] {
  const at = (time_s: number): string => timeOfDay(world.site.timezone, time_s)
  const details: string[] = []
  const present = alarm.state === 'unacknowledged' || alarm.state === 'acknowledged'
  if (present && alarm.value_sd_ppm2 !== null) {
    details.push(words.alarms.uncertainty(density(words, alarm.value_sd_ppm2)))
  }
  if (present && alarm.seen_share !== null) {
    details.push(words.alarms.seen(share(words, alarm.seen_share)))
  }
  if (present && alarm.peak_ppm2 !== null) {
    details.push(words.alarms.peak(density(words, alarm.peak_ppm2)))
  }
  details.push(words.alarms.raised(at(alarm.raised_at_s)))
  if (alarm.times > 1 && !present) details.push(words.alarms.times(alarm.times))
  if (alarm.state === 'returned' && alarm.returned_at_s !== null) {
    details.push(words.alarms.returned_at(at(alarm.returned_at_s)))
  }
  if (alarm.acknowledged_at_s !== null) {
    details.push(words.alarms.by(alarm.acknowledged_by ?? '–', at(alarm.acknowledged_at_s)))
  }
  if (alarm.cleared_at_s !== null) details.push(words.alarms.cleared_at(at(alarm.cleared_at_s)))
  return details
}

/**
 * Which zones a camera that sends wrong pictures has just made unknown; null for none.
 *
 * A camera that sends no picture raises an alarm, which says it.
 */
export function becameUnknown(before: World | null, world: World, speech: Speech): string | null {
  const { words, language } = speech
  if (before === null) return null
  const lost = world.zones.flatMap((zone) => {
    const reason = world.zoneStates.get(zone.id)?.unknown_reason ?? null
    const old = before.zoneStates.get(zone.id)?.unknown_reason ?? null
    return isNotBelieved(reason) && reason !== old ? [{ zone, reason }] : []
  })
  const first = lost[0]
  if (first === undefined) return null
  const why = words.unknown_reason[first.reason]
  return lost.length === 1
    ? words.zones.became_unknown(first.zone.name[language], why)
    : words.zones.several_unknown(lost.length, why)
}

export interface Overall {
  sentence: string
  tone: 'calm' | 'look' | 'act'
  /** The worst level on the site, which the sentence is about. */
  mark: LevelName
}

/** The whole site in one sentence, for the two seconds of a glance. */
export function overall(world: World, now_s: number, speech: Speech): Overall {
  const { words, language } = speech
  const views = sortedZones(world.zones.map((zone) => zoneView(world, zone, now_s)))
  const groups = groupAlarms(world.alarms.values())
  const parts: string[] = []
  let tone: Overall['tone'] = 'calm'

  const first = groups.open[0]
  const known = groups.acknowledged[0]
  const tight = views.filter((view) => view.level === 'tight' || view.level === 'critical')
  if (first !== undefined) {
    parts.push(words.overall.alarms(groups.open.length, alarmSubject(world, first, speech)))
    tone = 'act'
  } else if (known !== undefined) {
    const subject = alarmSubject(world, known, speech)
    parts.push(words.overall.acknowledged(groups.acknowledged.length, subject))
    tone = 'look'
  } else if (tight[0] !== undefined) {
    parts.push(words.overall.tight(tight.length, tight[0].info.name[language]))
    tone = 'look'
  }
  const unknown = views.filter((view) => view.level === 'unknown').length
  if (unknown > 0) {
    parts.push(words.overall.unknown(unknown))
    if (tone === 'calm') tone = 'look'
  }
  if (parts.length === 0) return { sentence: words.overall.calm, tone, mark: 'clear' }
  const present = first?.state === 'returned' ? undefined : first
  const mark = present?.level ?? known?.level ?? views[0]?.level ?? 'clear'
  return { sentence: words.overall.several(parts), tone, mark }
}
