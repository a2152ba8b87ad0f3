import type { LevelName, Priority } from '../words'
import { groupAlarms, URGENCY } from './alarms'
import { isNotBelieved } from './health'
import { alarmSubject, type Speech } from './subject'
import type { World } from './world'
import { sortedZones, zoneView } from './zones'

export interface Overall {
  sentence: string
  tone: 'calm' | 'look' | 'act'
  /** What the sentence is about: the most urgent alarm that stands, else the worst level. */
  mark: { priority: Priority } | { level: LevelName }
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
  // What was set aside is still there; a rule's reason says that it is told elsewhere.
  const aside = groups.aside.filter((alarm) => alarm.present && alarm.state !== 'suppressed').length
  if (aside > 0) {
    parts.push(words.overall.aside(aside))
    if (tone === 'calm') tone = 'look'
  }
  const level = views[0]?.level ?? 'clear'
  if (parts.length === 0) return { sentence: words.overall.calm, tone, mark: { level } }
  const standing = [...groups.open.filter((alarm) => alarm.present), ...groups.acknowledged].sort(
    (a, b) => URGENCY[b.priority] - URGENCY[a.priority],
  )[0]
  return {
    sentence: words.overall.several(parts),
    tone,
    mark: standing === undefined ? { level } : { priority: standing.priority },
  }
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
