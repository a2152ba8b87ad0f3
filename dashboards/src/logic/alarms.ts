import type { Alarm } from '../contract'
import type { AlarmState, Priority } from '../words'

export const URGENCY: Record<Priority, number> = { high: 3, medium: 2, low: 1 }

const ASIDE: readonly AlarmState[] = ['shelved', 'suppressed', 'out_of_service']

export interface AlarmGroups {
  /** Unacknowledged and returned, as they stand on the page: each of them asks for a click. */
  open: Alarm[]
  acknowledged: Alarm[]
  /** Shelved, suppressed by design, out of service. */
  aside: Alarm[]
  ended: Alarm[]
}

/** An alarm and those of neighbouring zones that came after it. */
export interface Family {
  first: Alarm
  rest: Alarm[]
}

export function needsClick(alarm: Alarm): boolean {
  return alarm.state === 'unacknowledged' || alarm.state === 'returned'
}

export function isAside(alarm: Alarm): boolean {
  return ASIDE.includes(alarm.state)
}

export function mayShelve(alarm: Alarm): boolean {
  return needsClick(alarm) || alarm.state === 'acknowledged'
}

export function groupAlarms(alarms: Iterable<Alarm>): AlarmGroups {
  const groups: AlarmGroups = { open: [], acknowledged: [], aside: [], ended: [] }
  for (const alarm of alarms) {
    if (needsClick(alarm)) groups.open.push(alarm)
    else if (alarm.state === 'acknowledged') groups.acknowledged.push(alarm)
    else if (isAside(alarm)) groups.aside.push(alarm)
    else groups.ended.push(alarm)
  }
  groups.open = families(groups.open).flatMap(({ first, rest }) => [first, ...rest])
  groups.acknowledged = families(groups.acknowledged).flatMap(({ first, rest }) => [first, ...rest])
  groups.aside.sort(
    (a, b) => ASIDE.indexOf(a.state) - ASIDE.indexOf(b.state) || mostUrgent(a, b),
  )
  groups.ended.sort((a, b) => (b.ended_at_s ?? 0) - (a.ended_at_s ?? 0) || b.id - a.id)
  return groups
}

/**
 * Alarms under the one that came first beside them, the most urgent family on top.
 *
 * An alarm stands alone when its first is not among them, or is over while it is not itself: what
 * is there does not wait below what has gone.
 */
export function families(alarms: readonly Alarm[]): Family[] {
  const all = new Map(alarms.map((alarm) => [alarm.id, alarm]))
  const firstOf = (alarm: Alarm): Alarm | undefined => {
    const first = all.get(alarm.first_out_id ?? alarm.id)
    const gone = first?.state === 'returned' && alarm.state !== 'returned'
    return first === alarm || gone ? undefined : first
  }
  const found = new Map<number, Family>()
  for (const alarm of alarms) {
    if (firstOf(alarm) === undefined) found.set(alarm.id, { first: alarm, rest: [] })
  }
  for (const alarm of alarms) {
    const first = firstOf(alarm)
    if (first === undefined) continue
    // The hub names the very first; were that a follower itself, this one stands alone.
    const family = found.get(first.id)
    if (family === undefined) found.set(alarm.id, { first: alarm, rest: [] })
    else family.rest.push(alarm)
  }
  for (const family of found.values()) family.rest.sort(mostUrgent)
  return [...found.values()].sort((a, b) => mostUrgent(leading(a), leading(b)))
}

/** How many of each priority. */
export function countByPriority(alarms: readonly Alarm[]): Record<Priority, number> {
  const counts: Record<Priority, number> = { high: 0, medium: 0, low: 0 }
  for (const alarm of alarms) counts[alarm.priority] += 1
  return counts
}

/** The open families as they are shown: in a flood those that are only low wait behind one line. */
export function shownOpen(
  open: readonly Alarm[],
  flood: boolean,
): { shown: Family[]; behind: Family[] } {
  const all = families(open)
  const isLow = ({ first, rest }: Family): boolean =>
    [first, ...rest].every((alarm) => alarm.priority === 'low')
  const shown = all.filter((family) => !isLow(family))
  // With nothing more urgent there is nothing that they would hide.
  if (!flood || shown.length === 0) return { shown: all, behind: [] }
  return { shown, behind: all.filter(isLow) }
}

/** The alarm that the acknowledge key means: the chosen one if it waits, else the topmost. */
export function toAcknowledge(groups: AlarmGroups, chosen: number | null): Alarm | null {
  return meant(groups.open, chosen)
}

/** The alarm that the shelve key means. */
export function toShelve(groups: AlarmGroups, chosen: number | null): Alarm | null {
  return meant([...groups.open, ...groups.acknowledged], chosen)
}

/** The alarm whose measures the key for them opens. */
export function toMeasure(groups: AlarmGroups, chosen: number | null): Alarm | null {
  return meant(
    [...groups.open, ...groups.acknowledged].filter((alarm) => alarm.offers.length > 0),
    chosen,
  )
}

function meant(alarms: readonly Alarm[], chosen: number | null): Alarm | null {
  return alarms.find((alarm) => alarm.id === chosen) ?? alarms[0] ?? null
}

function leading({ first, rest }: Family): Alarm {
  return [first, ...rest].sort(mostUrgent)[0] ?? first
}

/** What waits and is there before what is over, then by priority, then the newest. */
function mostUrgent(a: Alarm, b: Alarm): number {
  return (
    Number(a.state === 'returned') - Number(b.state === 'returned') ||
    URGENCY[b.priority] - URGENCY[a.priority] ||
    b.called_at_s - a.called_at_s ||
    b.id - a.id
  )
}
