import type {
  Alarm,
  AlarmLoad,
  CameraInfo,
  CameraState,
  Cells,
  CellsChange,
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
import { addPoint } from './history'
import type { PageMessage } from './wire'

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
  /**
   * By zone; each grows in place, for to copy a thousand of them with each change is too slow.
   * So who draws one draws it again with the time, not only when the array is another.
   */
  history: ReadonlyMap<string, TrendPoint[]>
  /** Where people are, by zone; of those that are known and were told since the page asked. */
  cells: ReadonlyMap<string, Cells>
}

const ENDED_KEPT = 50

export function reduce(world: World | null, message: PageMessage): World | null {
  if (message.type === 'snapshot') return fromSnapshot(message)
  // A change says only what differs from a snapshot; without one there is nothing to change.
  if (world === null) return null
  return message.type === 'cells' ? withCells(world, message) : withChange(world, message)
}

/** The world of a page that does not ask for cells: those it has will soon be old. */
export function withoutCells(world: World): World {
  return world.cells.size === 0 ? world : { ...world, cells: new Map() }
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
    history: historyOf(message),
    cells: new Map(),
  }
}

function historyOf({ zones, history }: Snapshot): Map<string, TrendPoint[]> {
  const told = new Map(history.map(({ zone_id, points }) => [zone_id, points]))
  return new Map(zones.map(({ id }) => [id, told.get(id) ?? []]))
}

function withChange(world: World, change: Change): World {
  const next = { ...world, now_s: Math.max(world.now_s, change.now_s) }
  if (change.zone_states.length > 0 || change.zone_columns !== null) {
    next.zoneStates = withZones(world, change, next.now_s)
    const lost = change.zone_states.some(({ level }) => level === 'unknown')
    if (lost) next.cells = ofKnown(world.cells, next.zoneStates)
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

/** All zones' states, with those that were told whole or in columns; their courses go on. */
function withZones(world: World, change: Change, now_s: number): Map<string, ZoneState> {
  const states = new Map(world.zoneStates)
  const put = (state: ZoneState): void => {
    states.set(state.zone_id, state)
    addPoint(world.history.get(state.zone_id), state, now_s)
  }
  change.zone_states.forEach(put)
  const columns = change.zone_columns
  columns?.zones.forEach((place, i) => {
    const state = states.get(world.zones[place]?.id ?? '')
    const ago_ms = columns.captured_ago_ms[i]
    if (state === undefined || ago_ms === undefined) return
    put({
      ...state,
      captured_at_s: change.now_s - ago_ms / 1000,
      count: columns.count[i] ?? null,
      count_sd: columns.count_sd[i] ?? null,
      density_ppm2: columns.density_ppm2[i] ?? null,
      density_sd_ppm2: columns.density_sd_ppm2[i] ?? null,
      peak_ppm2: columns.peak_ppm2[i] ?? null,
      trend_ppm2_per_min: columns.trend_ppm2_per_min[i] ?? null,
    })
  })
  return states
}

function withCells(world: World, { now_s, zones }: CellsChange): World {
  const cells = new Map(world.cells)
  for (const each of zones) cells.set(each.zone_id, each.cells)
  return { ...world, now_s: Math.max(world.now_s, now_s), cells: ofKnown(cells, world.zoneStates) }
}

/** The same map, unless there is an unknown zone in it: its cells are old when it comes back. */
function ofKnown(
  cells: ReadonlyMap<string, Cells>,
  states: ReadonlyMap<string, ZoneState>,
): ReadonlyMap<string, Cells> {
  const known = [...cells].filter(([id]) => (states.get(id)?.level ?? 'unknown') !== 'unknown')
  return known.length === cells.size ? cells : new Map(known)
}

function withoutOldest(alarms: Map<number, Alarm>): Map<number, Alarm> {
  const ended = [...alarms.values()].filter((alarm) => alarm.state === 'normal')
  if (ended.length <= ENDED_KEPT) return alarms
  ended.sort((a, b) => (b.ended_at_s ?? 0) - (a.ended_at_s ?? 0))
  for (const alarm of ended.slice(ENDED_KEPT)) alarms.delete(alarm.id)
  return alarms
}
