import type { Alarm } from '../contract'
import type { LevelName } from '../words'

const RANK: Record<LevelName, number> = { clear: 0, busy: 1, unknown: 2, tight: 3, critical: 4 }

export interface AlarmGroups {
  /** Unacknowledged, then returned: each of them asks for a click. */
  open: Alarm[]
  acknowledged: Alarm[]
  cleared: Alarm[]
}

export function needsClick(alarm: Alarm): boolean {
  return alarm.state === 'unacknowledged' || alarm.state === 'returned'
}

export function groupAlarms(alarms: Iterable<Alarm>): AlarmGroups {
  const groups: AlarmGroups = { open: [], acknowledged: [], cleared: [] }
  for (const alarm of alarms) {
    if (needsClick(alarm)) groups.open.push(alarm)
    else if (alarm.state === 'acknowledged') groups.acknowledged.push(alarm)
    else groups.cleared.push(alarm)
  }
  groups.open.sort(
    (a, b) =>
      Number(a.state === 'returned') - Number(b.state === 'returned') ||
      RANK[b.level] - RANK[a.level] ||
      b.id - a.id,
  )
  groups.acknowledged.sort((a, b) => RANK[b.level] - RANK[a.level] || b.id - a.id)
  groups.cleared.sort((a, b) => (b.cleared_at_s ?? 0) - (a.cleared_at_s ?? 0) || b.id - a.id)
  return groups
}

/** The alarm that the acknowledge key means: the chosen one if it waits, else the topmost. */
export function toAcknowledge(groups: AlarmGroups, chosen: number | null): Alarm | null {
  return groups.open.find((alarm) => alarm.id === chosen) ?? groups.open[0] ?? null
}
