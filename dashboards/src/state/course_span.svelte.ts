import { hashWithSpan, spanOfHash, type CourseSpan } from '../logic/course_span'
import { preferences } from './preferences.svelte'

/** How far back the course is shown: as the address says, else as it was chosen last. */
class CourseSpanChoice {
  #shared = $state<CourseSpan | null>(null)

  constructor() {
    this.#read()
    addEventListener('hashchange', () => this.#read())
  }

  get span(): CourseSpan {
    return this.#shared ?? preferences.courseSpan
  }

  choose(span: CourseSpan): void {
    preferences.setCourseSpan(span)
    this.#shared = span
    this.#write()
  }

  /** A zone that was opened by other ways keeps the span that is shown. */
  #read(): void {
    const asked = spanOfHash(location.hash)
    if (asked !== null) this.#shared = asked
    else this.#write()
  }

  #write(): void {
    const hash = hashWithSpan(location.hash, this.span)
    if (hash !== location.hash) history.replaceState(history.state, '', hash)
  }
}

export const courseSpanChoice = new CourseSpanChoice()
