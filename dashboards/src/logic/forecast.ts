import type { Forecast } from '../contract'
import type { Dictionary } from '../i18n/dictionary'
import { decimal } from './format'

/** The band in whole minutes: 2–9, or from 2 on where it may never come. */
export function bandWords(words: Dictionary, { earliest_min, latest_min }: Forecast): string {
  const earliest = decimal(words, Math.floor(earliest_min), 0)
  if (latest_min === null) return words.zones.forecast_open(earliest)
  return `${earliest}–${decimal(words, Math.ceil(latest_min), 0)}`
}

/** "Tight in about 4 min (2–9)". */
export function forecastWords(words: Dictionary, forecast: Forecast): string {
  const likely = decimal(words, Math.max(1, Math.round(forecast.likely_min)), 0)
  return words.zones.forecast(likely, bandWords(words, forecast))
}
