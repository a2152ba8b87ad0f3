import type {
  AlarmCause,
  AlarmState,
  Delivery,
  LoadName,
  MeasureKind,
  Priority,
  ZoneCause,
} from '../words'

export type Trend = 'rising_fast' | 'rising' | 'steady' | 'falling' | 'falling_fast'

/** What an alarm sentence about a zone is made of; every number is already text. */
export interface CauseWords {
  cause: ZoneCause
  zone: string
  /** With its unit; null: nothing was measured. */
  value: string | null
  limit: string | null
  /**
   * beyond: over its limit now. within: back over the limit, but not yet for long enough to end
   * the alarm. old: nobody knows what it is now.
   */
  standing: 'beyond' | 'within' | 'old'
  critical: boolean
  span: string
  since: string
  times: number
  /** How old the value is. */
  age: string | null
  trend: Trend | null
  /** Of a forecast: its band in minutes, and the density of now. */
  band: string | null
  density: string | null
}

/** What is said of a zone's alarm whose cause has gone. */
export interface OverWords {
  cause: ZoneCause
  zone: string
  worst: string | null
  limit: string | null
  span: string
}

/** Why something that was asked of the hub did not happen. */
export type RefusalKind = 'no_right' | 'wrong_state' | 'not_stored' | 'refused' | 'failed'

/** The texts of alarms, measures and shifts. */
export interface AlarmWords {
  alarms: {
    title: string
    open: (count: number) => string
    acknowledged: string
    ended: string
    none: string
    acknowledge: string
    acknowledging: string
    shelve: string
    may_not: string
    not_while_gone: string
    problem: Record<RefusalKind, string>
    cause: Record<AlarmCause, string>
    state: Record<AlarmState, string>
    priority: Record<Priority, string>
    /** One letter, which stands in the priority's shape. */
    priority_letter: Record<Priority, string>
    /** 2 high, 5 medium. */
    counts: (counts: Record<Priority, number>) => string
    /** What to do about it, where no measure says it better. */
    asks: Record<Exclude<AlarmCause, 'picture'>, string>
    of_zone: (words: CauseWords) => string
    over: (words: OverWords) => string
    silence: (camera: string, span: string, zones: number) => string
    picture: (camera: string, health: string, span: string, zones: number) => string
    camera_over: (camera: string, span: string) => string
    worker: (worker: string, span: string) => string
    worker_over: (worker: string, span: string) => string
    weather: (name: string, grade: number, detail: string) => string
    weather_over: (name: string, span: string) => string
    weather_subject: Record<'wind' | 'thunderstorm' | 'other', string>
    weather_source: (id: string) => string
    source_silent: (name: string, detail: string) => string
    source_over: (name: string, span: string) => string
    delivery: (target: string, span: string | null, detail: string) => string
    delivery_over: (target: string, span: string) => string
    not_watched: (subject: string, cause: string) => string
    uncertainty: (sd: string) => string
    seen: (share: string) => string
    worst: (value: string) => string
    raised: (time: string) => string
    times: (count: number) => string
    by: (name: string, time: string) => string
    returned_at: (time: string) => string
    ended_at: (time: string) => string
    escalated: (steps: number) => string
    escalates_in: (span: string) => string
    escalates_now: string
    /** "First: gate 2". */
    first: (subject: string) => string
    followers: (counts: string) => string
    fresh: (sentence: string) => string
    several: (count: number) => string
    flood: (count: number) => string
    flood_open: (counts: string) => string
    flood_low: string
    low_behind: (count: number) => string
  }
  aside: {
    title: string
    until: (time: string, span: string) => string
    until_ended: string
    since: (time: string) => string
    by: (name: string) => string
    by_rule: string
    rules: Record<'density_stands' | 'worker_away', string>
    back: string
    in_service: string
    heading: (subject: string, cause: string) => string
    intro: string
    how_long: string
    minutes: (count: number) => string
    until_choice: string
    until_time: string
    until_past: string
    out_of_service: string
    reason: string
    reason_missing: string
    reasons: readonly string[]
    submit_shelve: (time: string) => string
    submit_out: string
    busy: string
    cancel: string
    gone: string
  }
  measures: {
    title: string
    button: (count: number) => string
    kind: Record<MeasureKind, string>
    loudspeaker: string
    display: string
    more_languages: (count: number) => string
    gate: (line: string) => string
    holds: Record<'into' | 'out', string>
    team: (name: string) => string
    by_hand: string
    to_target: (target: string) => string
    approved: (name: string, date: string) => string
    confirm: string
    confirm_by_hand: string
    send: string
    done_by_hand: string
    again: string
    cancel: string
    sending: string
    may_not: string
    language: (code: string) => string
    delivery: Record<Delivery, string>
    confirmed: (name: string, time: string) => string
    failed_do: string
    unknown: (id: string) => string
  }
  load: {
    word: Record<LoadName, string>
    figure: (value: string) => string
    hint: (words: {
      last_10_min: number
      last_hour: number
      operators: number
      high: string | null
    }) => string
  }
  shift: {
    on_duty: (name: string) => string
    since: (time: string) => string
    nobody: string
    open: string
    title: string
    asking: string
    failed: string
    retry: string
    from_to: (from: string, to: string) => string
    raised: string
    raised_by: (count: number, counts: string) => string
    answered: string
    answered_after: (span: string) => string
    not_answered: string
    measures: string
    load: string
    most: string
    unanswered: string
    unknown_zones: string
    note: string
    note_help: string
    take_over: string
    taking: string
    may_not: string
    yours: (time: string) => string
    close: string
  }
  exercise: {
    word: string
    says: string
  }
}
