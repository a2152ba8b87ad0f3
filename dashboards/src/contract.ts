/* Made from contract.schema.json by `npm run contract`; edit crowdsafe/contract instead. */

export interface Contract {
  CellsChange: CellsChange
  Change: Change
  PastAlarms: PastAlarms
  Person: Person
  Problem: Problem
  RecordEvents: RecordEvents
  Shelve: Shelve
  Shift: Shift
  SignIn: SignIn
  SignInWays: SignInWays
  Snapshot: Snapshot
  TakeOutOfService: TakeOutOfService
  TakeOver: TakeOver
  Watch: Watch
  ZoneCourse: ZoneCourse
}
/**
 * Where people are, of zones in which that changed; for a page that watches cells.
 */
export interface CellsChange {
  now_s: number
  type: 'cells'
  zones: ZoneCells[]
}
/**
 * Where the people of one zone are.
 */
export interface ZoneCells {
  cells: Cells
  zone_id: string
}
/**
 * People in the cells of the site's grid; a cell that is not named is empty.
 *
 * Cell (column, row) spans ``cell_m`` from (column · cell_m, row · cell_m) east and north.
 */
export interface Cells {
  /**
   * @maxItems 20000
   */
  columns: number[]
  /**
   * @maxItems 20000
   */
  people: number[]
  /**
   * @maxItems 20000
   */
  rows: number[]
}
/**
 * What changed since the last message; sent every second even when nothing did.
 *
 * A zone of which only figures changed is in the columns, not in ``zone_states``.
 */
export interface Change {
  alarms: Alarm[]
  camera_states: CameraState[]
  /**
   * null: as it was
   */
  duty: Duty | null
  line_states: LineState[]
  /**
   * null: as it was
   */
  load: AlarmLoad | null
  now_s: number
  type: 'change'
  /**
   * null: none
   */
  zone_columns: ZoneColumns | null
  zone_states: ZoneState[]
}
/**
 * One alarm: a zone, camera, worker or target, a cause, and where it is in its life.
 */
export interface Alarm {
  acknowledged_at_s: number | null
  acknowledged_by: string | null
  aside: Aside | null
  /**
   * when it last called an operator
   */
  called_at_s: number
  /**
   * the camera itself, or the main one of the zone
   */
  camera_id: string | null
  cause:
    | 'density'
    | 'peak'
    | 'rise'
    | 'forecast'
    | 'pressure'
    | 'counter_flow'
    | 'occupancy'
    | 'picture'
    | 'silence'
    | 'worker'
    | 'weather'
    | 'delivery'
  /**
   * of picture: frozen, dark, blinded or moved
   */
  detail: string
  ended_at_s: number | null
  /**
   * how many steps it was escalated
   */
  escalated: number
  /**
   * when the next step comes; null: none comes
   */
  escalates_at_s: number | null
  /**
   * the alarm of a neighbouring zone that came first; null: none did
   */
  first_out_id: number | null
  first_raised_at_s: number
  /**
   * how bad it is, the worst so far: density 2 tight and 3 critical, weather 1 to 4, else 1
   */
  grade: number
  /**
   * how long the cause had held before it was raised
   */
  held_s: number
  id: number
  limit: number | null
  measures: MeasureUse[]
  /**
   * measures that the organiser approved for it
   */
  offers: string[]
  /**
   * whether the cause is there now
   */
  present: boolean
  priority: 'high' | 'medium' | 'low'
  quantity:
    | (
        | 'density_ppm2'
        | 'peak_ppm2'
        | 'rise_ppm2_per_min'
        | 'time_to_limit_min'
        | 'pressure_per_s2'
        | 'counter_flow_share'
        | 'people'
        | 'weather_level'
        | 'waiting_s'
      )
    | null
  /**
   * of the present or last stretch
   */
  raised_at_s: number
  /**
   * when the cause went
   */
  returned_at_s: number | null
  seen_share: number | null
  state:
    | 'normal'
    | 'unacknowledged'
    | 'acknowledged'
    | 'returned'
    | 'shelved'
    | 'suppressed'
    | 'out_of_service'
  subject_id: string
  /**
   * how often the cause came so far
   */
  times: number
  value: number | null
  /**
   * when the value was measured
   */
  value_at_s: number | null
  value_sd: number | null
  /**
   * what the weather's source says
   */
  words: Text | null
  worst: number | null
  zone_id: string | null
}
/**
 * Why an alarm is set aside: shelved, suppressed by design or out of service.
 */
export interface Aside {
  /**
   * who; null: a rule of the design
   */
  by: string | null
  reason: string
  since_s: number
  /**
   * null: until somebody ends it
   */
  until_s: number | null
}
/**
 * A measure that a person confirmed for an alarm, and what became of it.
 */
export interface MeasureUse {
  confirmed_at_s: number
  confirmed_by: string
  delivered_at_s: number | null
  delivery: 'by_hand' | 'waiting' | 'sent' | 'received' | 'failed'
  /**
   * receipt, or what went wrong
   */
  detail: string
  measure_id: string
  /**
   * of the message by which it goes out
   */
  notice_id: string
}
/**
 * One text in both languages of the product.
 */
export interface Text {
  de: string
  en: string
}
/**
 * What is known of a camera now.
 */
export interface CameraState {
  analysed_per_s: number | null
  analysis_ms: number | null
  camera_id: string
  captured_at_s: number | null
  detail: string
  detector: string | null
  frames_dropped: number
  health:
    | ('ok' | 'frozen' | 'dark' | 'blinded' | 'moved' | 'unsharp' | 'saturated' | 'overloaded')
    | ('silent' | 'connecting' | 'lost' | 'ended' | 'old_revision')
  /**
   * the same on the ground
   */
  shift_m: number | null
  /**
   * of its picture against the calibration's
   */
  shift_px: number | null
}
/**
 * Who is on duty, and since when.
 */
export interface Duty {
  name: string
  since_s: number
}
/**
 * Who crossed a counting line in the last minute, and since the hub began.
 */
export interface LineState {
  counted_at_s: number | null
  into: number
  into_per_min: number | null
  line_id: string
  out: number
  out_per_min: number | null
}
/**
 * How much the alarms ask of the people on duty, after EEMUA 191.
 */
export interface AlarmLoad {
  /**
   * of the last hour; null: no alarms
   */
  high_share: number | null
  /**
   * alarms that called, over the site
   */
  last_10_min: number
  last_hour: number
  medium_share: number | null
  /**
   * by alarms for each operator in 10 minutes: 1, 2 to 4, 5 to 9, from 10
   */
  name: 'quiet' | 'manageable' | 'excessive' | 'flood'
  /**
   * people on duty who may acknowledge
   */
  operators: number
  /**
   * null: nobody is on duty
   */
  per_operator_10_min: number | null
}
/**
 * What readings changed of zones that are known: the n-th of each column is of one zone.
 */
export interface ZoneColumns {
  /**
   * `captured_at_s`, as the time from it to `now_s`
   */
  captured_ago_ms: number[]
  count: number[]
  count_sd: number[]
  density_ppm2: number[]
  density_sd_ppm2: number[]
  peak_ppm2: (number | null)[]
  trend_ppm2_per_min: (number | null)[]
  /**
   * which: place in the snapshot's `zones`, from 0
   */
  zones: number[]
}
/**
 * What is known of a zone now.
 */
export interface ZoneState {
  camera_id: string | null
  /**
   * all that have a part in it, the largest first
   */
  camera_ids: string[]
  captured_at_s: number | null
  count: number | null
  count_sd: number | null
  density_ppm2: number | null
  density_sd_ppm2: number | null
  /**
   * why its uncertainty is larger than usual; null: it is not
   */
  doubt:
    ('ok' | 'frozen' | 'dark' | 'blinded' | 'moved' | 'unsharp' | 'saturated' | 'overloaded') | null
  /**
   * until it is tight; null: not within the horizon, or nothing that is worth telling
   */
  forecast: Forecast | null
  /**
   * people in it by its counting lines and its counts; null: no lines
   */
  inside: number | null
  inside_sd: number | null
  level: 'clear' | 'busy' | 'tight' | 'critical' | 'unknown'
  level_since_s: number | null
  motion: Motion | null
  peak_at: [number, number] | null
  peak_ppm2: number | null
  peak_sd_ppm2: number | null
  seen_share: number | null
  /**
   * slope over the last minute; null with too few values
   */
  trend_ppm2_per_min: number | null
  unknown_reason:
    ('no_camera' | 'silent' | 'not_seen' | 'frozen' | 'dark' | 'blinded' | 'moved') | null
  zone_id: string
}
/**
 * When a zone is likely to be tight; told only where that is worth telling.
 */
export interface Forecast {
  earliest_min: number
  /**
   * null: perhaps never
   */
  latest_min: number | null
  likely_min: number
}
/**
 * How the people of a zone move.
 */
export interface Motion {
  /**
   * people followed one by one, or the flow of the picture where they hide
   */
  by: 'tracks' | 'flow'
  /**
   * part of them that moves against the main direction
   */
  counter_flow_share: number
  /**
   * how many the figures rest on
   */
  people: number
  /**
   * highest local density times variance of velocity; null: too few
   */
  pressure_per_s2: number | null
  /**
   * mean of the people's speeds
   */
  speed_m_s: number
  speed_sd_m_s: number
  /**
   * part of them that stands
   */
  standing_share: number
  /**
   * how much of the last seconds switched between both; null: too few
   */
  stop_and_go_share: number | null
  /**
   * mean velocity, east and north
   *
   * @minItems 2
   * @maxItems 2
   */
  velocity_m_s: [number, number]
}
/**
 * Answer of GET /api/alarms: the newest first.
 */
export interface PastAlarms {
  alarms: Alarm[]
}
/**
 * Who is signed in: answer of GET and POST /api/session.
 */
export interface Person {
  name: string
  rights: (
    | 'look'
    | 'acknowledge'
    | 'shelve'
    | 'confirm_measure'
    | 'hand_over'
    | 'take_out_of_service'
    | 'approve_warning'
    | 'read_record'
    | 'export_record'
    | 'edit_draft'
    | 'publish'
    | 'manage_people'
    | 'manage_workers'
  )[]
  role: 'viewer' | 'operator' | 'organiser' | 'engineer' | 'administrator'
}
/**
 * Body of every 4xx answer: one clear sentence.
 */
export interface Problem {
  error: string
}
/**
 * Answer of GET /api/record/events: in the order that was asked for.
 */
export interface RecordEvents {
  events: RecordEvent[]
  /**
   * the number of the record's newest entry
   */
  head: number
  /**
   * whether entries beyond it were not looked at
   */
  more: boolean
  /**
   * the number of the last entry that was looked at: what to go on from, by `after`, or by `before` where the newest come first
   */
  reached: number
}
/**
 * One entry of the record, which nobody can change unseen.
 */
export interface RecordEvent {
  action: string
  actor: string
  at_s: number
  detail: {
    [k: string]: unknown
  }
  hash: string
  seq: number
  subject: string
}
/**
 * Body of POST /api/alarms/ID/shelve.
 */
export interface Shelve {
  for_s: number
  reason: string
}
/**
 * Answer of GET and POST /api/shift.
 */
export interface Shift {
  /**
   * who is on duty; null: nobody took over yet
   */
  duty: Duty | null
  summary: ShiftSummary
}
/**
 * What who takes over has to know: what stands, and what happened since the last hand-over.
 */
export interface ShiftSummary {
  /**
   * median time until somebody did; null: none was
   */
  acknowledged_after_s: number | null
  by_priority: {
    [k: string]: number
  }
  /**
   * the ten that alarmed most
   */
  by_subject: {
    [k: string]: number
  }
  from_s: number
  load: AlarmLoad
  /**
   * measures confirmed since
   */
  measures: number
  /**
   * alarms raised since
   */
  raised: number
  /**
   * all that are not normal, those set aside among them
   */
  standing: Alarm[]
  to_s: number
  /**
   * measures whose message has not arrived
   */
  unanswered: string[]
  unknown_zones: string[]
}
/**
 * Body of POST /api/session.
 */
export interface SignIn {
  name: string
  password: string
}
/**
 * Answer of GET /api/sign-in: how people may sign in here.
 */
export interface SignInWays {
  /**
   * also by GET /api/oidc/begin, of another provider
   */
  oidc: boolean
  password: boolean
}
/**
 * Everything a new page needs.
 */
export interface Snapshot {
  /**
   * all that are not normal, and the last 50 that ended
   */
  alarms: Alarm[]
  camera_states: CameraState[]
  cameras: CameraInfo[]
  /**
   * who took over last; null: nobody yet
   */
  duty: Duty | null
  /**
   * nothing of it is real
   */
  exercise: boolean
  grid: GridInfo
  history: ZoneHistory[]
  line_states: LineState[]
  lines: LineInfo[]
  load: AlarmLoad
  /**
   * all that the organiser approved
   */
  measures: Measure[]
  now_s: number
  site: SiteInfo
  type: 'snapshot'
  unknown_after_s: number
  zone_states: ZoneState[]
  zones: ZoneInfo[]
}
/**
 * What does not change of a camera while the hub runs.
 */
export interface CameraInfo {
  height_m: number
  id: string
  name: Text
  /**
   * @minItems 2
   * @maxItems 2
   */
  position: [number, number]
  /**
   * ring of the ground that it sees
   */
  view: [number, number][]
}
/**
 * The grid that cells are of: a cell's corner is origin + column · east + row · north.
 */
export interface GridInfo {
  cell_m: number
  /**
   * one cell farther east, in degrees
   *
   * @minItems 2
   * @maxItems 2
   */
  east: [number, number]
  /**
   * one cell farther north, in degrees
   *
   * @minItems 2
   * @maxItems 2
   */
  north: [number, number]
  /**
   * @minItems 2
   * @maxItems 2
   */
  origin: [number, number]
  /**
   * of the disc in which a zone's peak is looked for
   */
  peak_radius_m: number
}
/**
 * The recent course of one zone.
 */
export interface ZoneHistory {
  points: TrendPoint[]
  zone_id: string
}
/**
 * One point of a zone's recent course.
 */
export interface TrendPoint {
  at_s: number
  density_ppm2: number | null
}
/**
 * What does not change of a counting line while the hub runs.
 */
export interface LineInfo {
  /**
   * from its beginning to its end
   */
  ends: [number, number][]
  id: string
  length_m: number
  name: Text
  /**
   * the zone that is entered from its left to its right
   */
  zone_id: string | null
}
/**
 * One measure.
 */
export interface Measure {
  approved_by: string
  approved_on: string
  /**
   * @minItems 1
   */
  causes: [
    (
      | 'density'
      | 'peak'
      | 'rise'
      | 'forecast'
      | 'pressure'
      | 'counter_flow'
      | 'occupancy'
      | 'picture'
      | 'silence'
      | 'worker'
      | 'weather'
      | 'delivery'
    ),
    ...(
      | 'density'
      | 'peak'
      | 'rise'
      | 'forecast'
      | 'pressure'
      | 'counter_flow'
      | 'occupancy'
      | 'picture'
      | 'silence'
      | 'worker'
      | 'weather'
      | 'delivery'
    )[]
  ]
  /**
   * what stands on the display, by language
   */
  display: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[a-z]{2}$".
     */
    [k: string]: string
  }
  /**
   * only for alarms at least so bad; density: 3 critical
   */
  from_grade: number
  /**
   * counting line at which people are held back
   */
  gate: string | null
  /**
   * who is held back there: those who cross it to its right, or its left
   */
  holds: ('into' | 'out') | null
  id: string
  kind: 'announce' | 'meter' | 'send' | 'other'
  /**
   * what is said, by language
   */
  loudspeaker: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[a-z]{2}$".
     */
    [k: string]: string
  }
  /**
   * where it goes out, of [[hub.targets]]; null: by hand
   */
  target: string | null
  /**
   * who is sent
   */
  team: string | null
  title: Text
  /**
   * only for alarms of this weather; empty: wind, thunderstorm and other
   */
  weather: ('wind' | 'thunderstorm' | 'other' | 'source')[]
  why: Text
  /**
   * zones it is for; empty: every zone, or no zone
   */
  zones: string[]
}
/**
 * The place.
 */
export interface SiteInfo {
  /**
   * @minItems 2
   * @maxItems 2
   */
  center: [number, number]
  id: string
  name: Text
  /**
   * site plan drawn under the zones
   */
  plan: PlanFeature[]
  timezone: string
}
/**
 * One shape of the site plan.
 */
export interface PlanFeature {
  name: Text | null
  rings: [number, number][][]
  what: 'boundary' | 'path' | 'building' | 'water' | 'green' | 'line'
}
/**
 * What does not change of a zone while the hub runs.
 */
export interface ZoneInfo {
  area_m2: number
  id: string
  /**
   * @minItems 2
   * @maxItems 2
   */
  label_at: [number, number]
  limits: Limits
  name: Text
  /**
   * outer ring, then holes
   */
  rings: [number, number][][]
  thresholds: Thresholds
  thresholds_reason: Text
}
/**
 * Where the alarms beside the levels begin; null leaves one out.
 */
export interface Limits {
  /**
   * share that walks against the main direction, from busy on
   */
  counter_flow_share: number | null
  /**
   * and be gone before it ends
   */
  fall_s: number
  /**
   * minutes until it is likely to be tight
   */
  forecast_min: number | null
  /**
   * density of its tightest place; standing crowds are uneasy from 5
   */
  peak_ppm2: number | null
  /**
   * most people that may be in it
   */
  people: number | null
  /**
   * crowd pressure, from busy on; 0.02 is named for turbulence, unsure
   */
  pressure_per_s2: number | null
  /**
   * how fast the mean density rises, from half of busy on
   */
  rise_ppm2_per_min: number | null
  /**
   * how long one must hold
   */
  rise_s: number
}
/**
 * Where each level begins, how much lower it ends, and for how long either must hold.
 */
export interface Thresholds {
  busy_ppm2: number
  critical_ppm2: number
  fall_s: number
  hysteresis_ppm2: number
  rise_s: number
  tight_ppm2: number
}
/**
 * Body of POST /api/out-of-service: no alarm of this cause and subject until it is back.
 */
export interface TakeOutOfService {
  cause:
    | 'density'
    | 'peak'
    | 'rise'
    | 'forecast'
    | 'pressure'
    | 'counter_flow'
    | 'occupancy'
    | 'picture'
    | 'silence'
    | 'worker'
    | 'weather'
    | 'delivery'
  reason: string
  subject_id: string
}
/**
 * Body of POST /api/shift: the person who asks takes over.
 */
export interface TakeOver {
  /**
   * what the last one says besides
   */
  note: string
}
/**
 * What a page shows that not every page does. Said by the page whenever that changes.
 */
export interface Watch {
  /**
   * of all zones
   */
  cells: boolean
  type: 'watch'
  /**
   * told whole with each change; null: none
   */
  zone_id: string | null
}
/**
 * Answer of GET /api/zones/ID/history: in the shortest steps that are kept and not too many.
 */
export interface ZoneCourse {
  /**
   * a step that is left out was never known
   */
  points: CoursePoint[]
  /**
   * 1, 10, 60 or 900 seconds, or more of them
   */
  step_s: number
  zone_id: string
}
/**
 * One step of a zone's course.
 */
export interface CoursePoint {
  at_s: number
  /**
   * part of the step in which it was known
   */
  known_share: number
  max_ppm2: number | null
  /**
   * null: it was never known in it
   */
  mean_ppm2: number | null
  min_ppm2: number | null
  peak_ppm2: number | null
  people: number | null
  /**
   * of the site, that the hub ran: what the zone was then; null: not known. A step in which it changed is there once for each
   */
  revision: number | null
}
