import type { CourseEvent } from '../logic/course_marks'
import type { CourseSpan } from '../logic/course_span'

/** What a value of the course is said with; each number is already text. */
export interface ReadingWords {
  time: string
  mean: string
  /** null: it is the mean itself. */
  range: { lowest: string; highest: string } | null
  peak: string | null
  unit: string
  /** Of the step; null: all of it. */
  known: string | null
}

export interface CourseWords {
  course: {
    span: string
    spans: Record<CourseSpan, string>
    label: (zone: string, span: string) => string
    help: string
    mean: string
    range: string
    peak: string
    gap: string
    reading: (reading: ReadingWords) => string
    unknown_at: (time: string) => string
    loading: string
    failed: string
    refused: string
    none: string
    forecast: string
    revision: (revision: number) => string
    revision_hint: string
    marks: string
    event: Record<CourseEvent, string>
    /** One mark: time, alarm, event, and who. */
    mark: (words: {
      time: string
      priority: string
      cause: string
      event: string
      measure: string | null
      reason: string | null
      by: string | null
    }) => string
    more: (count: number) => string
    not_there: string
    table: (zone: string, span: string) => string
    time: string
    lowest: string
    highest: string
    known: string
    unknown: string
  }
}
