import type { RecordEvent } from '../contract'
import { PRIORITIES, type Priority } from '../words'

export const KINDS = [
  'alarms',
  'measures',
  'people',
  'revisions',
  'weather',
  'deliveries',
  'record',
] as const
/** What an entry is about, as the hub sorts them. */
export type EventKind = (typeof KINDS)[number]

export const SPANS = ['shift', 'day', 'all', 'between'] as const
export type EventSpan = (typeof SPANS)[number]

/** What of the record is asked for; what is null or empty is not asked for. */
export interface EventFilter {
  span: EventSpan
  /** Of "between"; null: without that end. */
  from_s: number | null
  to_s: number | null
  kinds: readonly EventKind[]
  place: string | null
  priority: Priority | null
  actor: string | null
  text: string
}

export const NO_FILTER: EventFilter = {
  span: 'day',
  from_s: null,
  to_s: null,
  kinds: [],
  place: null,
  priority: null,
  actor: null,
  text: '',
}

const DAY_S = 86_400
/** Before the first hand-over there is no shift but its usual length. */
const SHIFT_S = 8 * 3600

/** Whether anything but the span is asked for. */
export function isNarrowed(filter: EventFilter): boolean {
  const { kinds, place, priority, actor, text } = filter
  return kinds.length > 0 || place !== null || priority !== null || actor !== null || text.trim() !== ''
}

/** The filter of an address such as #/log?kinds=alarms&place=bridge; null: it is another one. */
export function filterOfHash(hash: string): EventFilter | null {
  const found = /^#\/log(?:\?(.*))?$/.exec(hash)
  if (found === null) return null
  const given = new URLSearchParams(found[1] ?? '')
  const kinds = (given.get('kinds') ?? '').split(',')
  const span = SPANS.find((each) => each === given.get('span')) ?? NO_FILTER.span
  return {
    span,
    from_s: span === 'between' ? secondsOf(given.get('from')) : null,
    to_s: span === 'between' ? secondsOf(given.get('to')) : null,
    kinds: KINDS.filter((each) => kinds.includes(each)),
    place: given.get('place') || null,
    priority: PRIORITIES.find((each) => each === given.get('priority')) ?? null,
    actor: given.get('actor') || null,
    text: (given.get('text') ?? '').slice(0, 200),
  }
}

export function hashOfFilter(filter: EventFilter): string {
  const given = new URLSearchParams()
  if (filter.span !== NO_FILTER.span) given.set('span', filter.span)
  if (filter.span === 'between') {
    if (filter.from_s !== null) given.set('from', String(filter.from_s))
    if (filter.to_s !== null) given.set('to', String(filter.to_s))
  }
  const rest = narrowing(filter).toString()
  const all = [given.toString(), rest].filter((each) => each !== '').join('&')
  return all === '' ? '#/log' : `#/log?${all}`
}

/** What to ask the hub: `since_s` is when the shift began, null: nobody took it over. */
export function queryOf(filter: EventFilter, now_s: number, since_s: number | null): URLSearchParams {
  const query = narrowing(filter)
  const from_s = {
    shift: since_s ?? now_s - SHIFT_S,
    day: now_s - DAY_S,
    all: null,
    between: filter.from_s,
  }[filter.span]
  if (from_s !== null) query.set('from_s', String(from_s))
  if (filter.span === 'between' && filter.to_s !== null) query.set('to_s', String(filter.to_s))
  return query
}

function narrowing(filter: EventFilter): URLSearchParams {
  const query = new URLSearchParams()
  if (filter.kinds.length > 0) query.set('kinds', filter.kinds.join(','))
  if (filter.place !== null) query.set('place', filter.place)
  if (filter.priority !== null) query.set('priority', filter.priority)
  if (filter.actor !== null) query.set('actor', filter.actor)
  if (filter.text.trim() !== '') query.set('text', filter.text.trim())
  return query
}

function secondsOf(text: string | null): number | null {
  const value = Number(text)
  return text === null || text === '' || !(value >= 0 && value < 1e11) ? null : value
}

/** Half a day of events: from six to six, so that a night of a fair is one. */
export interface HalfDay {
  night: boolean
  /** The calendar day on which it begins, in the site's time zone: 2026-11-24. */
  date: string
  events: RecordEvent[]
}

const MORNING_H = 6
const EVENING_H = 18

/** Events, the newest first, under the night or day in which they were. */
export function byHalfDay(events: readonly RecordEvent[], timezone: string): HalfDay[] {
  const halves = new Map<string, HalfDay>()
  for (const event of events) {
    const key = halfDayOf(event.at_s, timezone)
    const known = halves.get(key)
    if (known !== undefined) known.events.push(event)
    else {
      const [date = '', part] = key.split(' ')
      halves.set(key, { night: part === 'night', date, events: [event] })
    }
  }
  return [...halves.values()]
}

const QUARTER_S = 900
const halfDays = new Map<string, string>()

/** Every time zone is so many quarters of an hour off: one look for each is enough. */
function halfDayOf(at_s: number, timezone: string): string {
  const key = `${timezone} ${Math.floor(at_s / QUARTER_S)}`
  let half = halfDays.get(key)
  if (half === undefined) {
    const { date, hour } = wallTime(at_s, timezone)
    const isDay = hour >= MORNING_H && hour < EVENING_H
    half = `${!isDay && hour < MORNING_H ? dayBefore(date) : date} ${isDay ? 'day' : 'night'}`
    halfDays.set(key, half)
  }
  return half
}

const BLOCK = 50

/** Events in blocks of neighbouring numbers: one keeps its events when others come beside it. */
export function inBlocks(events: readonly RecordEvent[]): { block: number; events: RecordEvent[] }[] {
  const blocks = new Map<number, RecordEvent[]>()
  for (const event of events) {
    const block = Math.floor(event.seq / BLOCK)
    const known = blocks.get(block)
    if (known === undefined) blocks.set(block, [event])
    else known.push(event)
  }
  return [...blocks].map(([block, each]) => ({ block, events: each }))
}

/** The calendar day before or after one: 2026-03-01 → 2026-02-28. */
export function dayBefore(date: string, days = 1): string {
  return new Date(Date.parse(`${date}T12:00:00Z`) - days * DAY_S * 1000).toISOString().slice(0, 10)
}

const walls = new Map<string, Intl.DateTimeFormat>()

function wallTime(at_s: number, timezone: string): { date: string; hour: number; minute: string } {
  let format = walls.get(timezone)
  if (format === undefined) {
    const shape: Intl.DateTimeFormatOptions = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }
    try {
      format = new Intl.DateTimeFormat('en-GB', { ...shape, timeZone: timezone })
    } catch {
      // A browser may not know a newer zone name; its own zone is nearer to the site than UTC.
      format = new Intl.DateTimeFormat('en-GB', shape)
    }
    walls.set(timezone, format)
  }
  const parts = Object.fromEntries(
    format.formatToParts(at_s * 1000).map(({ type, value }) => [type, value]),
  )
  return {
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    hour: Number(parts['hour']),
    minute: parts['minute'] ?? '00',
  }
}

/** 2026-11-24T21:04 in the site's time zone, as a field for a time has it. */
export function fieldOfTime(at_s: number | null, timezone: string): string {
  if (at_s === null) return ''
  const { date, hour, minute } = wallTime(at_s, timezone)
  return `${date}T${String(hour).padStart(2, '0')}:${minute}`
}

/** The time that 2026-11-24T21:04 is in the site's time zone; null: it is none. */
export function timeOfField(text: string, timezone: string): number | null {
  const meant_ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}:00Z`) : NaN
  if (Number.isNaN(meant_ms)) return null
  // The zone's offset is that of the time itself; twice, for a change of clocks may lie between.
  let at_ms = meant_ms
  for (let turn = 0; turn < 2; turn += 1) {
    const shown_ms = Date.parse(`${fieldOfTime(at_ms / 1000, timezone)}:00Z`)
    at_ms += meant_ms - shown_ms
  }
  return at_ms / 1000
}

/** The events of both, the newest first, each once. */
export function merged(newer: readonly RecordEvent[], older: readonly RecordEvent[]): RecordEvent[] {
  const top = older[0]?.seq ?? -1
  return [...newer.filter((each) => each.seq > top), ...older]
}
