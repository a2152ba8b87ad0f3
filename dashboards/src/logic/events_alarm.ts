import type { Alarm, RecordEvent } from '../contract'

export const ALARM_EVENTS = [
  'raised',
  'worsened',
  'came_back',
  'returned',
  'acknowledged',
  'ended',
  'shelved',
  'unshelved',
  'suppressed',
  'unsuppressed',
  'out_of_service',
  'in_service',
  'escalated',
] as const
export type AlarmEventName = (typeof ALARM_EVENTS)[number]

/** What happened to an alarm, and the alarm as it was after it; null: the event is none of one. */
export function alarmOf(event: RecordEvent): { name: AlarmEventName; alarm: Alarm } | null {
  const name = ALARM_EVENTS.find((each) => event.action === `alarm.${each}`)
  const { detail } = event
  if (name === undefined || typeof detail['id'] !== 'number' || typeof detail['cause'] !== 'string') {
    return null
  }
  // The hub writes the whole alarm, as it stands in the contract.
  return { name, alarm: detail as unknown as Alarm }
}
