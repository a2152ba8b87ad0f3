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
  health: 'ok' | 'silent' | 'connecting' | 'lost' | 'ended'
}
/**
 * What is known of a zone now.
 */
export interface ZoneState {
  camera_id: string | null
  captured_at_s: number | null
  count: number | null
  count_sd: number | null
  density_ppm2: number | null
  density_sd_ppm2: number | null
  level: 'clear' | 'busy' | 'tight' | 'critical' | 'unknown'
  level_since_s: number | null
  seen_share: number | null
  /**
   * slope over the last minute; null with too few values
   */
  trend_ppm2_per_min: number | null
  unknown_reason: ('no_camera' | 'silent' | 'not_seen') | null
  zone_id: string
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
  history: ZoneHistory[]
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
