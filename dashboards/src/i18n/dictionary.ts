import type { Call } from '../logic/sound'
import type { CameraHealth, Doubt, LevelName, Role, UnknownReason, ZoneCause } from '../words'
import type { AlarmWords, Trend } from './alarm_words'
import type { EventWords } from './events_words'
import type { CourseWords } from './course_words'

export type { Trend } from './alarm_words'

/** Eight winds from north over east: a text for each. */
export type Winds = readonly [string, string, string, string, string, string, string, string]

/** Every text of the page. A key that one language lacks does not compile. */
export interface Dictionary extends AlarmWords, EventWords, CourseWords {
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
    other_way: string
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
  sound: {
    title: string
    state: Record<'on' | 'off' | 'blocked', string>
    blocked: string
    switch: string
    volume: string
    test: string
    call: Record<Call, string>
    when: Record<Call, string>
    close: string
  }
  overall: {
    calm: string
    alarms: (count: number, first: string) => string
    acknowledged: (count: number, first: string) => string
    aside: (count: number) => string
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
    heat_waits: string
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
    /** When it will be tight: "tight in about 4 min (2–9)". */
    forecast: (minutes: string, band: string) => string
    /** After the band's beginning where it has no end. */
    forecast_open: (earliest: string) => string
  }
  panel: {
    back: string
    now: string
    thresholds: string
    reason: string
    hysteresis: (value: string, rise: string, fall: string) => string
    /** Where the alarms beside the levels begin. */
    limits: string
    limit: Record<Exclude<ZoneCause, 'density'>, (value: string) => string>
    forecast: string
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
    missing: string
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
    shelve: string
    measures: string
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
