import type { Measure } from '../contract'
import type { Language } from '../i18n/language'

export interface Texts {
  /** Shown at once: the person's language, and German, which is spoken on the site. */
  first: string[]
  more: string[]
}

/** The languages that a measure speaks, those of the person and the site first. */
export function textsOf(measure: Measure, language: Language): Texts {
  const codes = [...new Set([...Object.keys(measure.loudspeaker), ...Object.keys(measure.display)])]
  const first = [...new Set<string>([language, 'de'])].filter((code) => codes.includes(code))
  // A measure in neither of them hides nothing.
  if (first.length === 0) return { first: codes, more: [] }
  return { first, more: codes.filter((code) => !first.includes(code)) }
}
