/* Made from contract.schema.json by `npm run contract`; edit crowdsafe/contract/messages.py instead. */

export interface Contract {
  Change: Change
  Person: Person
  Problem: Problem
  SignIn: SignIn
  Snapshot: Snapshot
}
/**
 * What changed since the last message; sent every second even when nothing did.
 */
export interface Change {
  alarms: Alarm[]
  camera_states: CameraState[]
  line_states: LineState[]
  now_s: number
  type: 'change'
  zone_states: ZoneState[]
}
/**
 * One alarm: a zone or camera, a cause, and where it is in its life.
 */
export interface Alarm {
  acknowledged_at_s: number | null
  acknowledged_by: string | null
  camera_id: string | null
  cause: 'density' | 'silence'
  cleared_at_s: number | null
  held_s: number | null
  id: number
  level: 'clear' | 'busy' | 'tight' | 'critical' | 'unknown'
  peak_ppm2: number | null
  raised_at_s: number
  returned_at_s: number | null
  seen_share: number | null
  state: 'unacknowledged' | 'acknowledged' | 'returned' | 'cleared'
  threshold_ppm2: number | null
  /**
   * how often the cause came back meanwhile
   */
  times: number
  value_ppm2: number | null
  value_sd_ppm2: number | null
  zone_id: string | null
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
    | ('silent' | 'connecting' | 'lost' | 'ended')
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
 * What is known of a zone now.
 */
export interface ZoneState {
  camera_id: string | null
  /**
   * all that have a part in it, the largest first
   */
  camera_ids: string[]
  captured_at_s: number | null
  cells: Cells
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
 * Who is signed in: answer of GET and POST /api/session.
 */
export interface Person {
  name: string
  role: 'viewer' | 'operator' | 'administrator'
}
/**
 * Body of every 4xx answer: one clear sentence.
 */
export interface Problem {
  error: string
}
/**
 * Body of POST /api/session.
 */
export interface SignIn {
  name: string
  password: string
}
/**
 * Everything a new page needs.
 */
export interface Snapshot {
  /**
   * all that are not cleared, and the last 50 cleared
   */
  alarms: Alarm[]
  camera_states: CameraState[]
  cameras: CameraInfo[]
  grid: GridInfo
  history: ZoneHistory[]
  line_states: LineState[]
  lines: LineInfo[]
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
 * One text in both languages of the product.
 */
export interface Text {
  de: string
  en: string
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
  name: Text
  /**
   * outer ring, then holes
   */
  rings: [number, number][][]
  thresholds: Thresholds
  thresholds_reason: Text
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
