import type { GridInfo, LineInfo, LineState } from '../contract'
import type { Dictionary } from '../i18n/dictionary'
import type { LonLat } from '../words'
import { bearingOf } from './direction'
import { decimal } from './format'
import { metresOf } from './ground'
import type { World } from './world'

/** A counting line as it is shown; without a state where its last count is too old. */
export interface LineView {
  info: LineInfo
  state: LineState | null
}

export function lineView(world: World, info: LineInfo, now_s: number): LineView {
  const state = world.lineStates.get(info.id) ?? null
  const counted = state?.counted_at_s ?? null
  const fresh = counted !== null && now_s - counted <= world.unknown_after_s
  return { info, state: fresh ? state : null }
}

/** In and out a minute, in words. */
export function flowWords(words: Dictionary, { state }: LineView): string {
  const rate = (value: number | null | undefined): string =>
    value == null ? '–' : decimal(words, value, 0)
  return words.panel.flow(rate(state?.into_per_min), rate(state?.out_per_min))
}

/** Both ways together, for each metre of the line. */
export function flowPerMetre(words: Dictionary, { info, state }: LineView): string | null {
  if (state?.into_per_min == null || state.out_per_min === null || info.length_m <= 0) return null
  const both = (state.into_per_min + state.out_per_min) / info.length_m
  return words.panel.flow_per_m(decimal(words, both, 1))
}

/** The middle of a line's length, and the bearing of its "in" side: to the right of its way. */
export function middleOfLine(grid: GridInfo, info: LineInfo): { at: LonLat; in_deg: number } | null {
  const legs = info.ends.slice(1).map((end, i) => {
    const start = info.ends[i] ?? end
    const [from, to] = [metresOf(grid, start), metresOf(grid, end)]
    const [east, north] = [to[0] - from[0], to[1] - from[1]]
    return { start, end, east, north, length_m: Math.hypot(east, north) }
  })
  let left_m = legs.reduce((sum, leg) => sum + leg.length_m, 0) / 2
  for (const { start, end, east, north, length_m } of legs) {
    if (length_m > 0 && left_m <= length_m) {
      const part = left_m / length_m
      const at: LonLat = [
        start[0] + part * (end[0] - start[0]),
        start[1] + part * (end[1] - start[1]),
      ]
      return { at, in_deg: bearingOf(north, -east) }
    }
    left_m -= length_m
  }
  return null
}
