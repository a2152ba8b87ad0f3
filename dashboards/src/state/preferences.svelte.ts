import type { Dictionary } from '../i18n/dictionary'
import { chosenLanguage, DICTIONARIES, type Language } from '../i18n/language'
import { courseSpan, type CourseSpan } from '../logic/course_span'

export type Theme = 'dark' | 'light' | 'system'

const THEMES: readonly Theme[] = ['dark', 'light', 'system']

function recall(key: string): string | null {
  try {
    return localStorage.getItem(`crowdsafe.${key}`)
  } catch {
    // A browser that forbids storage still shows the page.
    return null
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`crowdsafe.${key}`, value)
  } catch {
    // See recall().
  }
}

function volume(kept: string | null): number {
  const volume = Number(kept ?? 'NaN')
  return volume >= 0.1 && volume <= 1 ? volume : 0.6
}

class Preferences {
  language = $state<Language>(chosenLanguage(recall('language'), navigator.languages))
  theme = $state<Theme>(THEMES.find((each) => each === recall('theme')) ?? 'dark')
  singleKeys = $state(recall('single_keys') !== 'off')
  heat = $state(recall('heat') === 'on')
  sound = $state(recall('sound') !== 'off')
  /** 0.1 to 1. */
  volume = $state(volume(recall('volume')))
  courseSpan = $state<CourseSpan>(courseSpan(recall('course_span')) ?? '15m')
  #systemDark = $state(true)

  constructor() {
    const system = matchMedia('(prefers-color-scheme: dark)')
    this.#systemDark = system.matches
    system.addEventListener('change', (event) => (this.#systemDark = event.matches))
  }

  get words(): Dictionary {
    return DICTIONARIES[this.language]
  }

  get shade(): 'dark' | 'light' {
    if (this.theme === 'system') return this.#systemDark ? 'dark' : 'light'
    return this.theme
  }

  switchLanguage(): void {
    this.language = this.language === 'de' ? 'en' : 'de'
    remember('language', this.language)
  }

  nextTheme(): void {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? 'dark'
    remember('theme', this.theme)
  }

  switchHeat(): void {
    this.heat = !this.heat
    remember('heat', this.heat ? 'on' : 'off')
  }

  setCourseSpan(span: CourseSpan): void {
    this.courseSpan = span
    remember('course_span', span)
  }

  setSound(on: boolean): void {
    this.sound = on
    remember('sound', on ? 'on' : 'off')
  }

  setVolume(volume: number): void {
    this.volume = volume
    remember('volume', String(volume))
  }

  setSingleKeys(on: boolean): void {
    this.singleKeys = on
    remember('single_keys', on ? 'on' : 'off')
  }
}

export const preferences = new Preferences()
