import type { Alarm, RecordEvent } from '../contract'
import { needsClick } from './alarms'
import { alarmOf } from './events_alarm'
import { moment } from './format'
import { isNotBelieved } from './health'
import { alarmSubject, type Speech } from './subject'
import type { World } from './world'

/** So many alarms are named; the rest is a number. */
const NAMED = 3
const RANK = { high: 3, medium: 2, low: 1 } as const

/** An alarm's or a camera's trouble, from its coming to its going. */
interface Stretch {
  alarm: Alarm
  from_s: number
  to_s: number | null
}

/** What happened while somebody was away, in short parts; empty: nothing that matters. */
export function sinceParts(
  world: World,
  events: readonly RecordEvent[],
  me: string,
  now_s: number,
  speech: Speech,
): string[] {
  const { words } = speech
  const at = (time_s: number): string => moment(words, world.site.timezone, time_s, now_s)
  const ends = (to_s: number | null): string | null => (to_s === null ? null : at(to_s))
  const stretches = stretchesOf(events)
  const cameras = stretches.filter(({ alarm }) => isOfSight(alarm))
  const alarms = stretches
    .filter(({ alarm }) => !isOfSight(alarm))
    .sort((a, b) => RANK[b.alarm.priority] - RANK[a.alarm.priority] || a.from_s - b.from_s)
  const parts: string[] = []
  if (alarms.length > 0) {
    const named = alarms.slice(0, NAMED).map(({ alarm, from_s, to_s }) => {
      const subject = alarmSubject(world, alarm, speech)
      return words.since.stretch(subject, words.alarms.cause[alarm.cause], at(from_s), ends(to_s))
    })
    if (alarms.length > NAMED) named.push(words.since.more(alarms.length - NAMED))
    parts.push(words.since.alarms(alarms.length, named.join(', ')))
    const open = stretches.filter(({ alarm }) => {
      const now = world.alarms.get(alarm.id)
      return now !== undefined && needsClick(now)
    })
    if (open.length > 0) parts.push(words.since.still_open(open.length))
  }
  for (const { alarm, from_s, to_s } of cameras) {
    const what = isNotBelieved(alarm.detail) ? words.health[alarm.detail] : words.health.silent
    parts.push(words.since.camera(alarmSubject(world, alarm, speech), what, at(from_s), ends(to_s)))
  }
  const done = countEvents(events)
  if (done.confirmed_by_others(me) > 0) parts.push(words.since.measures(done.confirmed_by_others(me)))
  if (done.failed > 0) parts.push(words.since.failed(done.failed))
  for (const { action, actor, subject } of events) {
    if (action === 'revision.published' || action === 'revision.rolled_back') {
      parts.push(words.since.revision(subject.replace(/^revision\//, '')))
    }
    if (action === 'shift.taken_over' && actor !== me) parts.push(words.since.taken_over(actor))
  }
  return parts
}

function isOfSight(alarm: Alarm): boolean {
  return alarm.cause === 'picture' || alarm.cause === 'silence' || alarm.cause === 'worker'
}

/** Each alarm that came, from its first coming to its last going. */
function stretchesOf(events: readonly RecordEvent[]): Stretch[] {
  const found = new Map<number, Stretch>()
  for (const event of events) {
    const known = alarmOf(event)
    if (known === null) continue
    const { name, alarm } = known
    const stretch = found.get(alarm.id)
    if (name === 'raised' || name === 'came_back' || name === 'worsened') {
      if (stretch === undefined) found.set(alarm.id, { alarm, from_s: alarm.raised_at_s, to_s: null })
      else {
        stretch.alarm = alarm
        stretch.to_s = null
      }
    } else if (stretch !== undefined && (name === 'returned' || name === 'ended')) {
      stretch.to_s ??= alarm.returned_at_s ?? alarm.ended_at_s ?? event.at_s
    }
  }
  return [...found.values()]
}

export interface EventCounts {
  acknowledged: number
  shelved: number
  escalated: number
  /** Cameras and workers that gave no usable picture. */
  cameras: number
  revisions: number
  failed: number
  confirmed_by_others: (me: string) => number
}

/** How often what happened, of events in any order. */
export function countEvents(events: readonly RecordEvent[]): EventCounts {
  const count = (...actions: string[]): number =>
    events.filter(({ action }) => actions.includes(action)).length
  return {
    acknowledged: count('alarm.acknowledged'),
    shelved: count('alarm.shelved'),
    escalated: count('alarm.escalated'),
    cameras: events.filter((event) => {
      const known = alarmOf(event)
      return known !== null && known.name === 'raised' && isOfSight(known.alarm)
    }).length,
    revisions: count('revision.published', 'revision.rolled_back'),
    failed: count('measure.failed'),
    confirmed_by_others: (me) =>
      events.filter(({ action, actor }) => action === 'measure.confirmed' && actor !== me).length,
  }
}
