import type { Alarm } from '../contract'
import { URGENCY } from './alarms'

export type CourseEvent = 'raised' | 'acknowledged' | 'measure' | 'shelved' | 'ended'

/** Something that happened to an alarm of the zone. */
export interface CourseMark {
  event: CourseEvent
  at_s: number
  alarm: Alarm
  /** Who did it; null: nobody, or a rule. */
  by: string | null
  measure_id: string | null
  reason: string | null
}

/** Marks that stand too close to each other to be told apart. */
export interface MarkGroup {
  at_s: number
  marks: CourseMark[]
  /** What the group is drawn as. */
  first: CourseMark
}

/** The zone's alarms: those that the record has, and as the page knows them where it does. */
export function alarmsOf(
  zoneId: string,
  past: readonly Alarm[],
  known: ReadonlyMap<number, Alarm>,
): Alarm[] {
  const all = new Map(past.map((alarm) => [alarm.id, alarm]))
  for (const alarm of known.values()) all.set(alarm.id, alarm)
  return [...all.values()].filter((alarm) => alarm.zone_id === zoneId)
}

/** What happened to alarms in a span, in order of time. */
export function marksOf(alarms: readonly Alarm[], from_s: number, to_s: number): CourseMark[] {
  return alarms
    .flatMap(eventsOf)
    .filter(({ at_s }) => at_s >= from_s && at_s <= to_s)
    .sort((a, b) => a.at_s - b.at_s || a.alarm.id - b.alarm.id)
}

function eventsOf(alarm: Alarm): CourseMark[] {
  const marks: CourseMark[] = []
  const put = (
    event: CourseEvent,
    at_s: number | null,
    more: Partial<Pick<CourseMark, 'by' | 'measure_id' | 'reason'>> = {},
  ): void => {
    if (at_s !== null) marks.push({ event, at_s, alarm, by: null, measure_id: null, reason: null, ...more })
  }
  put('raised', alarm.first_raised_at_s)
  if (alarm.times > 1 && alarm.raised_at_s > alarm.first_raised_at_s) put('raised', alarm.raised_at_s)
  put('acknowledged', alarm.acknowledged_at_s, { by: alarm.acknowledged_by })
  for (const use of alarm.measures) {
    put('measure', use.confirmed_at_s, { by: use.confirmed_by, measure_id: use.measure_id })
  }
  if (alarm.state === 'shelved' && alarm.aside !== null) {
    put('shelved', alarm.aside.since_s, { by: alarm.aside.by, reason: alarm.aside.reason })
  }
  put('ended', alarm.ended_at_s)
  return marks
}

/** What a group is drawn as: what came says more than what was done about it. */
const WEIGHT: Record<CourseEvent, number> = {
  raised: 4,
  measure: 3,
  shelved: 2,
  acknowledged: 1,
  ended: 0,
}

/** Marks in groups that begin at least so many seconds apart. */
export function groupMarks(marks: readonly CourseMark[], apart_s: number): MarkGroup[] {
  const groups: MarkGroup[] = []
  for (const mark of marks) {
    const last = groups.at(-1)
    if (last === undefined || mark.at_s - last.at_s >= apart_s) {
      groups.push({ at_s: mark.at_s, marks: [mark], first: mark })
      continue
    }
    last.marks.push(mark)
    if (rank(mark) > rank(last.first)) last.first = mark
  }
  return groups
}

function rank({ event, alarm }: CourseMark): number {
  return WEIGHT[event] * 10 + URGENCY[alarm.priority]
}
