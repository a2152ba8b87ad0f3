import type { Dictionary } from '../i18n/dictionary'

const formats = new Map<string, Intl.NumberFormat>()

function digits(locale: string, places: number): Intl.NumberFormat {
  const key = `${locale} ${places}`
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(locale, {
      minimumFractionDigits: places,
      maximumFractionDigits: places,
    })
    formats.set(key, format)
  }
  return format
}

/** A number with so many decimals; a rounded-away minus is dropped. */
export function decimal(words: Dictionary, value: number, places: number): string {
  const text = digits(words.locale, places).format(value)
  return /[1-9]/.test(text) ? text : text.replace('-', '')
}

/** Two decimals: at low densities the second one is what moves. */
export function density(words: Dictionary, value: number): string {
  return decimal(words, value, 2)
}

export function densityWithUnit(words: Dictionary, value: number): string {
  return `${density(words, value)} ${words.unit}`
}

export function densityWithSpread(words: Dictionary, value: number, sd: number | null): string {
  const spread = sd === null ? '' : ` ± ${density(words, sd)}`
  return `${density(words, value)}${spread} ${words.unit}`
}

/** A slope always carries its sign, so that it cannot be read as a density. */
export function signed(words: Dictionary, value: number): string {
  const text = density(words, Math.abs(value))
  if (!/[1-9]/.test(text)) return `±${text}`
  return value < 0 ? `−${text}` : `+${text}`
}

export function share(words: Dictionary, value: number): string {
  return `${decimal(words, Math.floor(value * 100), 0)} %`
}

export function people(words: Dictionary, count: number): string {
  const whole = Math.round(count)
  return words.zones.people(decimal(words, whole, 0), whole === 1)
}

/** How long something lasts, as short as it can be said without losing what matters. */
export function span(words: Dictionary, seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return words.span.seconds(whole)
  const minutes = Math.floor(whole / 60)
  if (minutes < 10 && whole % 60 !== 0) return words.span.minutes_seconds(minutes, whole % 60)
  if (minutes < 60) return words.span.minutes(minutes)
  return words.span.hours_minutes(Math.floor(minutes / 60), minutes % 60)
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clock(timezone: string, seconds: boolean): Intl.DateTimeFormat {
  const key = `${timezone} ${seconds}`
  let format = clocks.get(key)
  if (format === undefined) {
    const shape: Intl.DateTimeFormatOptions = {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...(seconds ? { second: '2-digit' } : {}),
    }
    try {
      format = new Intl.DateTimeFormat('de-DE', { ...shape, timeZone: timezone })
    } catch {
      // A browser may not know a newer zone name; its own zone is nearer to the site than UTC.
      format = new Intl.DateTimeFormat('de-DE', shape)
    }
    clocks.set(key, format)
  }
  return format
}

/** 21:04:05 in the site's timezone. */
export function timeOfDay(timezone: string, at_s: number): string {
  return clock(timezone, true).format(at_s * 1000)
}

/** 21:04 in the site's timezone. */
export function hourAndMinute(timezone: string, at_s: number): string {
  return clock(timezone, false).format(at_s * 1000)
}

/** 21:04, with the date before it when that is not today's in the site's timezone. */
export function moment(words: Dictionary, timezone: string, at_s: number, now_s: number): string {
  const time = hourAndMinute(timezone, at_s)
  const [then, today] = [at_s, now_s].map((each_s) => day(words, timezone, each_s))
  return then === today ? time : `${then} ${time}`
}

function day(words: Dictionary, timezone: string, at_s: number): string {
  const shape: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }
  try {
    return new Intl.DateTimeFormat(words.locale, { ...shape, timeZone: timezone }).format(at_s * 1000)
  } catch {
    // See clock().
    return new Intl.DateTimeFormat(words.locale, shape).format(at_s * 1000)
  }
}

/** A calendar day such as 2026-01-12, as the language writes it. */
export function dateWords(words: Dictionary, iso: string): string {
  const at = Date.parse(`${iso}T12:00:00Z`)
  if (Number.isNaN(at)) return iso
  return new Intl.DateTimeFormat(words.locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(at)
}
