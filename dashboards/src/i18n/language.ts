import { de } from './de'
import type { Dictionary } from './dictionary'
import { en } from './en'

export type Language = 'de' | 'en'

export const DICTIONARIES: Record<Language, Dictionary> = { de, en }

/** The remembered language, else the first one that the browser asks for, else German. */
export function chosenLanguage(remembered: string | null, wanted: readonly string[]): Language {
  if (remembered === 'de' || remembered === 'en') return remembered
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0]
    if (primary === 'de' || primary === 'en') return primary
  }
  return 'de'
}
