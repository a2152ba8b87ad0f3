import type { Dictionary } from '../i18n/dictionary'
import { chosenLanguage, DICTIONARIES, type Language } from '../i18n/language'

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

class Preferences {
  language = $state<Language>(chosenLanguage(recall('language'), navigator.languages))
  theme = $state<Theme>(THEMES.find((each) => each === recall('theme')) ?? 'dark')
  singleKeys = $state(recall('single_keys') !== 'off')
  heat = $state(recall('heat') === 'on')
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

  setSingleKeys(on: boolean): void {
    this.singleKeys = on
    remember('single_keys', on ? 'on' : 'off')
  }
}

export const preferences = new Preferences()
