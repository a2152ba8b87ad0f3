import type {
  Alarm,
  AlarmLoad,
  CameraInfo,
  CameraState,
  Change,
  Duty,
  GridInfo,
  LineInfo,
  LineState,
  Measure,
  SiteInfo,
  Snapshot,
  TrendPoint,
  ZoneInfo,
  ZoneState,
} from '../contract'

/** All that the page knows, made by folding the hub's messages. */
export interface World {
  now_s: number
  unknown_after_s: number
  site: SiteInfo
  zones: readonly ZoneInfo[]
  cameras: readonly CameraInfo[]
  lines: readonly LineInfo[]
  grid: GridInfo
  zoneStates: ReadonlyMap<string, ZoneState>
  cameraStates: ReadonlyMap<string, CameraState>
  lineStates: ReadonlyMap<string, LineState>
  alarms: ReadonlyMap<number, Alarm>
  load: AlarmLoad
  duty: Duty | null
  /** All that the organiser approved. */
  measures: ReadonlyMap<string, Measure>
  /** Nothing of it is real. */
  exercise: boolean
  history: ReadonlyMap<string, readonly TrendPoint[]>
}

/** Points older than this leave the page's memory. */
export const HISTORY_S = 30 * 60

const ENDED_KEPT = 50

export function reduce(world: World | null, message: Snapshot | Change): World | null {
  if (message.type === 'snapshot') return fromSnapshot(message)
  // A change says only what differs from a snapshot; without one there is nothing to change.
  if (world === null) return null
  return withChange(world, message)
}

/**
 * The world with the hub's answer to something that was asked about an alarm.
 *
 * What the socket has told since then is at least as new as the answer, and stays.
 */
export function withAnswer(world: World, asked: Alarm | null, answer: Alarm): World {
  if ((world.alarms.get(answer.id) ?? null) !== asked) return world
  return { ...world, alarms: new Map(world.alarms).set(answer.id, answer) }
}

function fromSnapshot(message: Snapshot): World {
  return {
    now_s: message.now_s,
    unknown_after_s: message.unknown_after_s,
    site: message.site,
    zones: message.zones,
    cameras: message.cameras,
    lines: message.lines,
    grid: message.grid,
    zoneStates: new Map(message.zone_states.map((state) => [state.zone_id, state])),
    cameraStates: new Map(message.camera_states.map((state) => [state.camera_id, state])),
    lineStates: new Map(message.line_states.map((state) => [state.line_id, state])),
    alarms: new Map(message.alarms.map((alarm) => [alarm.id, alarm])),
    load: message.load,
    duty: message.duty,
    measures: new Map(message.measures.map((measure) => [measure.id, measure])),
    exercise: message.exercise,
    history: new Map(message.history.map((course) => [course.zone_id, course.points])),
  }
}

function withChange(world: World, change: Change): World {
  const next = { ...world, now_s: Math.max(world.now_s, change.now_s) }
  if (change.zone_states.length > 0) {
    const states = new Map(world.zoneStates)
    const history = new Map(world.history)
    for (const state of change.zone_states) {
      states.set(state.zone_id, state)
      const points = history.get(state.zone_id) ?? []
      history.set(state.zone_id, withPoint(points, state, next.now_s))
    }
    next.zoneStates = states
    next.history = history
  }
  if (change.camera_states.length > 0) {
    const states = new Map(world.cameraStates)
    for (const state of change.camera_states) states.set(state.camera_id, state)
    next.cameraStates = states
  }
  if (change.line_states.length > 0) {
    const states = new Map(world.lineStates)
    for (const state of change.line_states) states.set(state.line_id, state)
    next.lineStates = states
  }
  if (change.alarms.length > 0) {
    const alarms = new Map(world.alarms)
    for (const alarm of change.alarms) alarms.set(alarm.id, alarm)
    next.alarms = withoutOldest(alarms)
  }
  if (change.load !== null) next.load = change.load
  if (change.duty !== null) next.duty = change.duty
  return next
}

function withPoint(
  points: readonly TrendPoint[],
  state: ZoneState,
  now_s: number,
): readonly TrendPoint[] {
  const last = points.at(-1)
  const known = state.level !== 'unknown' && state.density_ppm2 !== null
  let point: TrendPoint | null = null
  if (known && state.captured_at_s !== null) {
    if (last === undefined || state.captured_at_s > last.at_s) {
      point = { at_s: state.captured_at_s, density_ppm2: state.density_ppm2 }
    }
  } else if (!known && last !== undefined && last.density_ppm2 !== null) {
    // One point without a value ends the line where knowledge ended.
    point = { at_s: Math.max(now_s, last.at_s), density_ppm2: null }
  }
  if (point === null) return points
  const oldest = now_s - HISTORY_S
  const first = points.findIndex((each) => each.at_s >= oldest)
  return [...(first < 0 ? [] : points.slice(first)), point]
}

function withoutOldest(alarms: Map<number, Alarm>): Map<number, Alarm> {
  const ended = [...alarms.values()].filter((alarm) => alarm.state === 'normal')
  if (ended.length <= ENDED_KEPT) return alarms
  ended.sort((a, b) => (b.ended_at_s ?? 0) - (a.ended_at_s ?? 0))
  for (const alarm of ended.slice(ENDED_KEPT)) alarms.delete(alarm.id)
  return alarms
}
