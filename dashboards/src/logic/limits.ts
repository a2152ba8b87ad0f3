import type { Limits } from '../contract'
import type { Dictionary } from '../i18n/dictionary'
import type { ZoneCause } from '../words'
import { valueWords } from './evidence'

type Limited = Exclude<ZoneCause, 'density'>

const LIMIT_OF: Record<Limited, (limits: Limits) => number | null> = {
  peak: (limits) => limits.peak_ppm2,
  rise: (limits) => limits.rise_ppm2_per_min,
  forecast: (limits) => limits.forecast_min,
  pressure: (limits) => limits.pressure_per_s2,
  counter_flow: (limits) => limits.counter_flow_share,
  occupancy: (limits) => limits.people,
}

/** Where the alarms beside the levels begin; those that are left out are not named. */
export function limitsOf(words: Dictionary, limits: Limits): string[] {
  return (Object.keys(LIMIT_OF) as Limited[]).flatMap((cause) => {
    const limit = LIMIT_OF[cause](limits)
    return limit === null ? [] : [words.panel.limit[cause](valueWords(words, cause, limit))]
  })
}
