import type { Alarm, ZoneState } from '../contract'
import type { Dictionary } from '../i18n/dictionary'
import type { ZoneCause } from '../words'
import { decimal, density, densityWithUnit, people, share, signed } from './format'
import type { World } from './world'
import { zoneView } from './zones'

/** The value that a zone's alarm rests on, as the page knows it at this moment. */
export interface Evidence {
  value: number | null
  sd: number | null
  /** It is of now; else nobody knows what it is now. */
  live: boolean
  /** How old it is; null: it was never measured. */
  age_s: number | null
}

const MEASURED: Record<ZoneCause, (state: ZoneState) => [number | null, number | null]> = {
  density: (state) => [state.density_ppm2, state.density_sd_ppm2],
  peak: (state) => [state.peak_ppm2, state.peak_sd_ppm2],
  rise: (state) => [state.trend_ppm2_per_min, null],
  forecast: (state) => [state.forecast?.likely_min ?? null, null],
  pressure: (state) => [state.motion?.pressure_per_s2 ?? null, null],
  counter_flow: (state) => [state.motion?.counter_flow_share ?? null, null],
  occupancy: (state) => [state.inside, state.inside_sd],
}

/** The same value that the zone's card has, else the alarm's own; never an old one as of now. */
export function evidenceOf(
  world: World,
  alarm: Alarm & { cause: ZoneCause },
  now_s: number,
): Evidence {
  const info = world.zones.find((each) => each.id === alarm.zone_id)
  const view = info === undefined ? null : zoneView(world, info, now_s)
  if (view?.state != null && view.level !== 'unknown') {
    const [value, sd] = MEASURED[alarm.cause](view.state)
    if (value !== null) return { value, sd, live: true, age_s: view.age_s }
  }
  const age_s = alarm.value_at_s === null ? null : Math.max(0, now_s - alarm.value_at_s)
  const live =
    view !== null && view.level !== 'unknown' && age_s !== null && age_s <= world.unknown_after_s
  return { value: alarm.value, sd: alarm.value_sd, live, age_s }
}

/** Whether a value is on the side of its limit on which it would not raise the alarm. */
export function isWithin(cause: ZoneCause, value: number, limit: number): boolean {
  return cause === 'forecast' ? value > limit : value < limit
}

/** The value with its unit. */
export function valueWords(words: Dictionary, cause: ZoneCause, value: number): string {
  switch (cause) {
    case 'density':
    case 'peak':
      return densityWithUnit(words, value)
    case 'rise':
      return words.zones.per_minute(`${signed(words, value)} ${words.unit}`)
    case 'forecast':
      return words.span.minutes(Math.max(1, Math.round(value)))
    case 'pressure':
      return `${decimal(words, value, 3)}\u00a0s⁻²`
    case 'counter_flow':
      return share(words, value)
    case 'occupancy':
      return people(words, value)
  }
}

/** The limit as short as it can be, since the value beside it has the unit. */
export function limitWords(words: Dictionary, cause: ZoneCause, limit: number): string {
  switch (cause) {
    case 'density':
    case 'peak':
    case 'rise':
      return density(words, limit)
    case 'forecast':
      return words.span.minutes(Math.round(limit))
    case 'pressure':
      return decimal(words, limit, 3)
    case 'counter_flow':
      return share(words, limit)
    case 'occupancy':
      return decimal(words, Math.round(limit), 0)
  }
}

/** The uncertainty in the value's unit, without it. */
export function spreadWords(words: Dictionary, cause: ZoneCause, sd: number): string {
  return cause === 'occupancy' ? decimal(words, sd, 0) : density(words, sd)
}
