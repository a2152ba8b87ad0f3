import type {
  Alarm,
  AlarmLoad,
  CameraState,
  Cells,
  CellsChange,
  Change,
  GridInfo,
  Measure,
  Motion,
  Snapshot,
  ZoneColumns,
  ZoneInfo,
  ZoneState,
} from '../src/contract'

export const NOW_S = 1_700_000_000

export function zoneInfo(id: string, tight_ppm2 = 0.1): ZoneInfo {
  return {
    id,
    name: { de: `Zone ${id}`, en: `Area ${id}` },
    rings: [[[7, 51], [7.001, 51], [7.001, 51.001], [7, 51]]],
    label_at: [7, 51],
    area_m2: 100,
    thresholds: {
      busy_ppm2: tight_ppm2 / 2,
      tight_ppm2,
      critical_ppm2: tight_ppm2 * 1.6,
      hysteresis_ppm2: 0.01,
      rise_s: 3,
      fall_s: 6,
    },
    thresholds_reason: { de: 'Probe', en: 'Trial' },
    limits: {
      peak_ppm2: 5,
      rise_ppm2_per_min: 1,
      forecast_min: 5,
      pressure_per_s2: 0.02,
      counter_flow_share: 0.35,
      people: null,
      rise_s: 10,
      fall_s: 30,
    },
  }
}

export function zoneState(zone_id: string, more: Partial<ZoneState> = {}): ZoneState {
  return {
    zone_id,
    level: 'clear',
    level_since_s: NOW_S - 60,
    unknown_reason: null,
    count: 5,
    count_sd: 1,
    density_ppm2: 0.05,
    density_sd_ppm2: 0.01,
    seen_share: 0.86,
    captured_at_s: NOW_S - 1,
    camera_id: 'mast1',
    camera_ids: ['mast1'],
    doubt: null,
    peak_ppm2: 0.14,
    peak_sd_ppm2: 0.05,
    peak_at: [7.0002, 51.0001],
    motion: motion(),
    inside: null,
    inside_sd: null,
    trend_ppm2_per_min: 0,
    forecast: null,
    ...more,
  }
}

export function motion(more: Partial<Motion> = {}): Motion {
  return {
    by: 'tracks',
    people: 5,
    speed_m_s: 1.2,
    speed_sd_m_s: 0.3,
    velocity_m_s: [0.8, 0.8],
    counter_flow_share: 0.1,
    standing_share: 0,
    stop_and_go_share: null,
    pressure_per_s2: null,
    ...more,
  }
}

export function cameraState(more: Partial<CameraState> = {}): CameraState {
  return {
    camera_id: 'mast1',
    health: 'ok',
    detail: '',
    captured_at_s: NOW_S - 1,
    analysed_per_s: 2,
    analysis_ms: 60,
    frames_dropped: 0,
    detector: 'head',
    shift_px: null,
    shift_m: null,
    ...more,
  }
}

/** Half a metre is this many degrees at 51° north. */
export const GRID: GridInfo = {
  cell_m: 0.5,
  peak_radius_m: 1.5,
  origin: [7, 51],
  east: [7.13e-6, 0],
  north: [0, 4.49e-6],
}

export function alarm(id: number, more: Partial<Alarm> = {}): Alarm {
  const zone_id = more.zone_id === undefined ? 'a' : more.zone_id
  return {
    id,
    cause: 'density',
    subject_id: zone_id ?? 'mast1',
    zone_id,
    camera_id: 'mast1',
    state: 'unacknowledged',
    priority: 'medium',
    grade: 2,
    present: true,
    first_raised_at_s: NOW_S - 3,
    raised_at_s: NOW_S - 3,
    called_at_s: NOW_S - 3,
    times: 1,
    acknowledged_at_s: null,
    acknowledged_by: null,
    returned_at_s: null,
    ended_at_s: null,
    quantity: 'density_ppm2',
    value: 0.11,
    value_sd: 0.02,
    value_at_s: NOW_S - 1,
    limit: 0.1,
    worst: 0.14,
    held_s: 3,
    seen_share: 0.86,
    detail: '',
    words: null,
    aside: null,
    first_out_id: null,
    escalated: 0,
    escalates_at_s: null,
    offers: [],
    measures: [],
    ...more,
  }
}

export function load(more: Partial<AlarmLoad> = {}): AlarmLoad {
  return {
    last_10_min: 1,
    last_hour: 3,
    operators: 1,
    per_operator_10_min: 1,
    name: 'quiet',
    high_share: null,
    medium_share: null,
    ...more,
  }
}

export function measure(id: string, more: Partial<Measure> = {}): Measure {
  return {
    id,
    kind: 'announce',
    title: { de: `Durchsage ${id}`, en: `Announcement ${id}` },
    why: { de: 'Damit es leerer wird.', en: 'So that it thins out.' },
    causes: ['density'],
    zones: [],
    from_grade: 0,
    weather: [],
    loudspeaker: { de: 'Bitte weitergehen.', en: 'Please keep moving.', nl: 'Loop door.' },
    display: { de: 'Bitte weitergehen' },
    gate: null,
    holds: null,
    team: null,
    target: null,
    approved_by: 'Veranstalter',
    approved_on: '2026-01-12',
    ...more,
  }
}

export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    type: 'snapshot',
    now_s: NOW_S,
    unknown_after_s: 5,
    site: {
      id: 'site',
      name: { de: 'Platz', en: 'Square' },
      timezone: 'Europe/Berlin',
      center: [7, 51],
      plan: [],
    },
    zones: [zoneInfo('a'), zoneInfo('b'), zoneInfo('c')],
    cameras: [
      { id: 'mast1', name: { de: 'Mast 1', en: 'Mast 1' }, position: [7, 51], height_m: 8, view: [] },
    ],
    zone_states: ['a', 'b', 'c'].map((id) => zoneState(id)),
    lines: [],
    grid: GRID,
    camera_states: [cameraState()],
    line_states: [],
    alarms: [],
    load: load(),
    duty: null,
    measures: [],
    exercise: false,
    history: ['a', 'b', 'c'].map((zone_id) => ({ zone_id, points: [] })),
    ...more,
  }
}

export function change(more: Partial<Change> = {}): Change {
  return {
    type: 'change',
    now_s: NOW_S + 1,
    zone_states: [],
    camera_states: [],
    line_states: [],
    alarms: [],
    load: null,
    duty: null,
    zone_columns: null,
    ...more,
  }
}

/** Columns of zones by their places, each with the same figures. */
export function columns(places: number[], more: Partial<Row> = {}): ZoneColumns {
  const row = { ...ROW, ...more }
  const every = <Value>(value: Value): Value[] => places.map(() => value)
  return {
    zones: places,
    captured_ago_ms: every(row.captured_ago_ms),
    count: every(row.count),
    count_sd: every(row.count_sd),
    density_ppm2: every(row.density_ppm2),
    density_sd_ppm2: every(row.density_sd_ppm2),
    peak_ppm2: every(row.peak_ppm2),
    trend_ppm2_per_min: every(row.trend_ppm2_per_min),
  }
}

type Row = { [Name in keyof Omit<ZoneColumns, 'zones'>]: ZoneColumns[Name][number] }

const ROW: Row = {
  captured_ago_ms: 250,
  count: 7.5,
  count_sd: 1.2,
  density_ppm2: 0.075,
  density_sd_ppm2: 0.012,
  peak_ppm2: 0.3,
  trend_ppm2_per_min: 0.01,
}

export function cellsChange(cells: Record<string, Cells>): CellsChange {
  const zones = Object.entries(cells).map(([zone_id, each]) => ({ zone_id, cells: each }))
  return { type: 'cells', now_s: NOW_S + 1, zones }
}
