import type {
  AlarmState,
  CameraHealth,
  Doubt,
  LevelName,
  Role,
  UnknownReason,
} from '../words'

export type Trend = 'rising_fast' | 'rising' | 'steady' | 'falling' | 'falling_fast'

/** What an alarm sentence about a zone is made of; every number is already text. */
export interface DensityWords {
  zone: string
  density: string
  limit: string
  /** The value has fallen below the limit, but not yet for long enough to end the alarm. */
  below: boolean
  span: string
  since: string
  times: number
  trend: Trend | null
}

/** Eight winds from north over east: a text for each. */
export type Winds = readonly [string, string, string, string, string, string, string, string]

export interface ReturnedWords {
  zone: string
  peak: string | null
  limit: string
  span: string
}

/** Every text of the page. A key that one language lacks does not compile. */
export interface Dictionary {
  language: string
  other_language: string
  other_language_hint: string
  locale: string
  unit: string
  level: Record<LevelName, string>
  unknown_reason: Record<UnknownReason, string>
  unknown_short: Record<UnknownReason, string>
  stale_reason: string
  stale_short: string
  doubt: Record<Doubt, string>
  doubt_short: Record<Doubt, string>
  health: Record<CameraHealth, string>
  /** What to do about it. */
  advice: Record<Exclude<CameraHealth, 'ok'>, string>
  /** As a map's rose has them, and as they are said. */
  winds: Winds
  toward: Winds
  role: Record<Role, string>
  trend: Record<Trend, string>
  alarm_state: Record<AlarmState, string>

  sign_in: {
    title: string
    intro: string
    name: string
    password: string
    submit: string
    busy: string
    name_missing: string
    password_missing: string
    wrong: string
    too_often: string
    no_hub: string
    refused: string
    ended: string
  }
  header: {
    sign_out: string
    theme: Record<'dark' | 'light' | 'system', string>
    theme_hint: string
    keys: string
    connected: string
    disconnected: string
    clock: (timezone: string) => string
  }
  overall: {
    calm: string
    alarms: (count: number, first: string) => string
    acknowledged: (count: number, first: string) => string
    unknown: (count: number) => string
    tight: (count: number, first: string) => string
    waiting: string
    several: (parts: readonly string[]) => string
  }
  veil: {
    gone: (span: string) => string
    first: string
    hint: string
  }
  map: {
    title: string
    fit: string
    zoom_in: string
    zoom_out: string
    failed: string
    zone: (name: string, level: string) => string
    camera: (name: string, health: string) => string
    heat: string
    heat_shows: (radius: string) => string
    peak: (zone: string, density: string) => string
    line: (name: string, flow: string) => string
  }
  zones: {
    title: string
    none: string
    of_limit: (limit: string) => string
    people: (count: string, exact: boolean) => string
    seen: (share: string) => string
    nothing_seen: string
    age: (span: string) => string
    never: string
    peak: (value: string) => string
    peak_above: (level: string) => string
    became_unknown: (zone: string, reason: string) => string
    several_unknown: (count: number, reason: string) => string
    per_minute: (value: string) => string
    last_known: string
    no_value: string
    spark: (minutes: number) => string
    since: (span: string) => string
    open: string
  }
  panel: {
    back: string
    chart: (zone: string, minutes: number) => string
    now: string
    thresholds: string
    reason: string
    hysteresis: (value: string, rise: string, fall: string) => string
    density: string
    mean: string
    peak: string
    peak_where: (radius: string) => string
    inside: string
    motion: string
    no_motion: string
    speed: string
    direction: string
    no_direction: string
    no_direction_why: string
    standing: string
    counter_flow: string
    stop_and_go: string
    too_short: string
    too_few: string
    pressure: string
    pressure_help: string
    flow: (into: string, out: string) => string
    flow_per_m: (value: string) => string
    measured: string
    motion_by: Record<'tracks' | 'flow', (count: string, exact: boolean) => string>
    camera: string
    cameras: string
    no_camera: string
    seen_of: (share: string, area: string) => string
    area: string
    people: string
    seen: string
    age: string
    trend: string
    trend_unknown: string
    level_since: (time: string, span: string) => string
    why_unknown: string
    no_points: string
    missing: string
  }
  alarms: {
    title: string
    open: string
    acknowledged: string
    cleared: string
    none: string
    none_open: string
    acknowledge: string
    acknowledging: string
    may_not: string
    not_while_gone: string
    failed: string
    no_right: string
    already: string
    density: (words: DensityWords) => string
    returned: (words: ReturnedWords) => string
    silence: (subject: string, span: string, zones: number) => string
    not_believed: (subject: string, health: string, span: string, zones: number) => string
    silence_zone: (zone: string, why: string, span: string) => string
    silence_over: (subject: string, span: string) => string
    uncertainty: (sd: string) => string
    seen: (share: string) => string
    peak: (value: string) => string
    raised: (time: string) => string
    times: (count: number) => string
    by: (name: string, time: string) => string
    returned_at: (time: string) => string
    cleared_at: (time: string) => string
    some_camera: string
    fresh: (sentence: string) => string
    flood: (count: number) => string
  }
  cameras: {
    title: string
    none: string
    picture: (span: string) => string
    no_picture: string
    rate: (perSecond: string) => string
    dropped: (count: string) => string
    no_detector: string
    detector: (name: string) => string
    shift: (px: string, m: string | null) => string
  }
  keys: {
    title: string
    close: string
    walk: string
    switch: string
    open: string
    acknowledge: string
    back: string
    fit: string
    zoom: string
    heat: string
    sheet: string
    off: string
  }
  span: {
    seconds: (value: number) => string
    minutes: (value: number) => string
    minutes_seconds: (minutes: number, seconds: number) => string
    hours_minutes: (hours: number, minutes: number) => string
  }
}
