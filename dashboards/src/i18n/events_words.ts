import type { EventKind, EventSpan } from '../logic/events'
import type { AlarmEventName } from '../logic/events_alarm'

/** What a sentence of an alarm's event is made of; every number is already text. */
export interface AlarmEventWords {
  event: AlarmEventName
  subject: string
  cause: string
  /** With its unit; null: nothing was measured. */
  value: string | null
  limit: string | null
  worst: string | null
  /** What is wrong with a picture, what a weather service says. */
  said: string
  times: number
  by: string | null
  reason: string
  until: string | null
  steps: number
}

/** The texts of the event log, of what changed meanwhile, and of the hand-over's numbers. */
export interface EventWords {
  log: {
    title: string
    open: string
    back: string
    key: string
    may_not: string
    asking: string
    failed: string
    retry: string
    none: string
    none_filtered: string
    fresh: (count: number) => string
    older: string
    looking: string
    end: string
    filter: string
    clear: string
    span: string
    spans: Record<EventSpan, string>
    from: string
    to: string
    between_wrong: string
    place: string
    all_places: string
    zones: string
    cameras: string
    kinds: string
    kind: Record<EventKind, string>
    priority: string
    all_priorities: string
    actor: string
    all_actors: string
    text: string
    text_hint: string
    export: string
    export_hint: string
    may_not_export: string
    counted: (count: number, more: boolean) => string
    night: (from: string, to: string) => string
    day: (date: string) => string
    details: string
  }
  event: {
    hub: string
    command_line: string
    alarm: (words: AlarmEventWords) => string
    measure_confirmed: (by: string, measure: string, subject: string) => string
    measure: Record<'waiting' | 'sent' | 'received' | 'failed', (measure: string | null, receipt: string) => string>
    signed_in: (name: string) => string
    signed_out: (name: string) => string
    person_put: (by: string, name: string, role: string) => string
    password: (name: string) => string
    disabled: (by: string, name: string) => string
    enabled: (by: string, name: string) => string
    worker_key: (by: string, name: string) => string
    worker_revoked: (by: string, name: string) => string
    taken_over: (name: string, note: string) => string
    revision_drafted: (by: string, number: string, reason: string) => string
    revision_published: (by: string, number: string, reason: string) => string
    revision_rolled_back: (by: string, number: string, reason: string) => string
    revision_imported: (number: string) => string
    warning_approved: (by: string, subject: string) => string
    warning_discarded: (by: string, subject: string) => string
    exported: (by: string) => string
    forgotten: string
    other: (by: string, action: string, subject: string) => string
  }
  evidence: {
    alarm: string
    value: string
    limit: string
    worst: string
    seen: string
    measured: string
    raised: string
    acknowledged: string
    ended: string
    times: string
    state: string
    priority: string
    aside: string
    reason: string
    changes: string
    more_changes: (count: number) => string
    instead_of: string
    words: string
    sent_to: string
    receipt: string
    note: string
    who: string
    number: string
    hash: string
  }
  since: {
    title: (time: string) => string
    alarms: (count: number, list: string) => string
    more: (count: number) => string
    /** Gate 2, density 21:07–21:11. */
    stretch: (subject: string, cause: string, from: string, to: string | null) => string
    still_open: (count: number) => string
    camera: (name: string, what: string, from: string, to: string | null) => string
    revision: (number: string) => string
    taken_over: (name: string) => string
    measures: (count: number) => string
    failed: (count: number) => string
    show: string
    dismiss: string
  }
  handover: {
    open: string
    acknowledged: string
    shelved: string
    out_of_service: string
    suppressed: string
    nothing_open: string
    cameras: string
    numbers: string
    acknowledged_count: string
    shelved_count: string
    escalated_count: string
    cameras_count: string
    revisions_count: string
    print: string
    printed: (time: string) => string
  }
}
