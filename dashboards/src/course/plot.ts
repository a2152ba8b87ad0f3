import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Thresholds } from '../contract'
import type { CourseColumns } from '../logic/course_columns'
import type { CoursePlace, ForecastShape } from '../logic/course_forecast'
import type { RevisionChange } from '../logic/course_steps'

export interface Margin {
  left: number
  right: number
  top: number
  bottom: number
}

/** Room around the plot for axes, names of the limits and marks, in CSS pixels. */
export function marginOf(rem: number): Margin {
  // The marks are of one size on every screen, the words grow with it.
  return { left: 2.9 * rem, right: 7.2 * rem, top: 26, bottom: 1.5 * rem }
}

/** Everything that is drawn on the canvas. */
export interface CoursePicture {
  columns: CourseColumns
  from_s: number
  now_s: number
  to_s: number
  top_ppm2: number
  thresholds: Thresholds
  /** Those that the mean passed: only they have colour. */
  passed: { tight: boolean; critical: boolean }
  gaps: readonly [number, number][]
  changes: readonly RevisionChange[]
  forecast: ForecastShape | null
  times: readonly number[]
  densities: readonly number[]
  time: (at_s: number) => string
  density: (ppm2: number) => string
}

/** The course on a canvas; what has words or is clicked lies over it. */
export class CoursePlot {
  readonly #plot: uPlot
  readonly #themes: MutationObserver
  #picture: CoursePicture

  constructor(
    target: HTMLElement,
    picture: CoursePicture,
    size: { width: number; height: number; rem: number },
  ) {
    this.#picture = picture
    this.#plot = new uPlot(this.#options(size), data(picture), target)
    this.#themes = new MutationObserver(() => this.#plot.redraw(true, true))
    this.#themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  }

  show(picture: CoursePicture): void {
    this.#picture = picture
    this.#plot.setData(data(picture))
  }

  resize(size: { width: number; height: number }): void {
    if (size.width !== this.#plot.width || size.height !== this.#plot.height) this.#plot.setSize(size)
  }

  close(): void {
    this.#themes.disconnect()
    this.#plot.destroy()
  }

  #options({ rem, ...size }: { width: number; height: number; rem: number }): uPlot.Options {
    const { fontFamily } = getComputedStyle(document.documentElement)
    const font = `${(0.8 * rem).toFixed(1)}px ${fontFamily}`
    const margin = marginOf(rem)
    const axis: uPlot.Axis = {
      font,
      gap: 5,
      stroke: () => colour('--muted'),
      ticks: { show: false },
      grid: { stroke: () => colour('--line'), width: 0.75 },
    }
    return {
      ...size,
      padding: [margin.top, margin.right, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [this.#picture.from_s, this.#picture.to_s] },
        y: { range: () => [0, this.#picture.top_ppm2] },
      },
      axes: [
        {
          ...axis,
          size: margin.bottom,
          splits: () => [...this.#picture.times],
          values: (_, times) => times.map((at_s) => this.#picture.time(at_s)),
        },
        {
          ...axis,
          size: margin.left,
          splits: () => [...this.#picture.densities],
          values: (_, densities) => densities.map((ppm2) => this.#picture.density(ppm2)),
        },
      ],
      series: [
        {},
        { width: 0, points: { show: false } },
        { width: 0, points: { show: false } },
        { width: 1, stroke: () => colour('--muted'), points: { show: false } },
        {
          width: 2,
          stroke: () => colour('--text'),
          fill: (plot) => this.#overLimits(plot),
          points: {
            show: true,
            size: 4,
            width: 0,
            fill: () => colour('--text'),
            filter: (plot, series) => alone(plot.data[series] ?? []),
          },
        },
      ],
      bands: [{ series: [2, 1], fill: () => faded('--muted', 0.32) }],
      hooks: {
        drawAxes: [(plot) => this.#drawUnder(plot)],
        draw: [(plot) => this.#drawOver(plot)],
      },
    }
  }

  /** Colour between the line and the limit that it passed, and nowhere else. */
  #overLimits(plot: uPlot): CanvasGradient | string {
    const { tight_ppm2, critical_ppm2 } = this.#picture.thresholds
    const { top, height } = plot.bbox
    if (height <= 0) return 'transparent'
    const gradient = plot.ctx.createLinearGradient(0, top, 0, top + height)
    const stop = (ppm2: number, paint: string): void => {
      const y = (plot.valToPos(ppm2, 'y', true) - top) / height
      gradient.addColorStop(Math.min(1, Math.max(0, y)), paint)
    }
    stop(this.#picture.top_ppm2, colour('--level-critical'))
    stop(critical_ppm2, colour('--level-critical'))
    stop(critical_ppm2, colour('--level-tight'))
    stop(tight_ppm2, colour('--level-tight'))
    stop(tight_ppm2, 'transparent')
    stop(0, 'transparent')
    return gradient
  }

  #drawUnder(plot: uPlot): void {
    const { ctx, bbox } = plot
    const { gaps, thresholds, passed } = this.#picture
    this.#inside(plot, () => {
      for (const [from_s, to_s] of gaps) {
        const left = plot.valToPos(from_s, 'x', true)
        const right = Math.max(left + uPlot.pxRatio, plot.valToPos(to_s, 'x', true))
        hatch(ctx, { left, right, top: bbox.top, bottom: bbox.top + bbox.height })
      }
      const limit = (ppm2: number, width: number, dash: number[], paint: string): void => {
        const y = plot.valToPos(ppm2, 'y', true)
        line(ctx, [[bbox.left, y], [bbox.left + bbox.width, y]], { width, dash, paint })
      }
      const { busy_ppm2, tight_ppm2, critical_ppm2 } = thresholds
      limit(busy_ppm2, 1, [2, 4], colour('--muted'))
      limit(tight_ppm2, 1.5, [7, 4], colour(passed.tight ? '--level-tight' : '--strong'))
      limit(critical_ppm2, 1.5, [], colour(passed.critical ? '--level-critical' : '--strong'))
    })
  }

  #drawOver(plot: uPlot): void {
    const { ctx, bbox } = plot
    const { changes, forecast, now_s, to_s } = this.#picture
    const [top, bottom] = [bbox.top, bbox.top + bbox.height]
    const at = ([at_s, ppm2]: CoursePlace): [number, number] => [
      plot.valToPos(at_s, 'x', true),
      plot.valToPos(ppm2, 'y', true),
    ]
    this.#inside(plot, () => {
      for (const { at_s } of changes) {
        const x = plot.valToPos(at_s, 'x', true)
        line(ctx, [[x, top], [x, bottom]], { width: 1, dash: [1, 3], paint: colour('--text') })
      }
      if (to_s > now_s) {
        const x = plot.valToPos(now_s, 'x', true)
        line(ctx, [[x, top], [x, bottom]], { width: 1, dash: [], paint: colour('--strong') })
      }
      if (forecast === null) return
      ctx.fillStyle = faded('--muted', 0.32)
      trace(ctx, forecast.band.map(at))
      ctx.fill()
      line(ctx, forecast.likely.map(at), { width: 2, dash: [5, 4], paint: colour('--text') })
    })
  }

  /** Draw within the plot's own frame only. */
  #inside({ ctx, bbox }: uPlot, draw: () => void): void {
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    draw()
    ctx.restore()
  }
}

function data({ columns: { at_s, low, high, peak, mean } }: CoursePicture): uPlot.AlignedData {
  return [at_s, low, high, peak, mean]
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function faded(name: string, share: number): string {
  const hex = Math.round(share * 255).toString(16).padStart(2, '0')
  return `${colour(name)}${hex}`
}

/** Values between two gaps: a line of one point would not be seen. */
function alone(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = []
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i)
  }
  return found
}

type Pixels = readonly [x: number, y: number]

function trace(ctx: CanvasRenderingContext2D, places: readonly Pixels[]): void {
  ctx.beginPath()
  for (const [x, y] of places) ctx.lineTo(x, y)
}

function line(
  ctx: CanvasRenderingContext2D,
  places: readonly Pixels[],
  { width, dash, paint }: { width: number; dash: number[]; paint: string },
): void {
  ctx.lineWidth = width * uPlot.pxRatio
  ctx.setLineDash(dash.map((each) => each * uPlot.pxRatio))
  ctx.strokeStyle = paint
  trace(ctx, places)
  ctx.stroke()
}

function hatch(
  ctx: CanvasRenderingContext2D,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
): void {
  const height = bottom - top
  const apart = 7 * uPlot.pxRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, top, right - left, height)
  ctx.clip()
  ctx.fillStyle = faded('--hatch', 0.14)
  ctx.fillRect(left, top, right - left, height)
  // On a grid of the whole chart, so that the stripes of neighbouring gaps go on.
  for (let x = Math.floor((left - height) / apart) * apart; x < right; x += apart) {
    line(ctx, [[x, bottom], [x + height, top]], {
      width: 1.5,
      dash: [],
      paint: faded('--hatch', 0.6),
    })
  }
  ctx.restore()
}
