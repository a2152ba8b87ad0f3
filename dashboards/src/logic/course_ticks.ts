import { hourAndMinute } from './format'

const STEPS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600]

/** Round times of the site's clock between two moments, at most so many. */
export function timeTicks(timezone: string, from_s: number, to_s: number, most: number): number[] {
  const step = STEPS_S.find((each) => (to_s - from_s) / each <= most) ?? 43_200
  // The clocks of the world differ by whole quarters of an hour.
  const grid = Math.min(step, 900)
  const ticks: number[] = []
  for (let at_s = Math.ceil(from_s / grid) * grid; at_s <= to_s; at_s += grid) {
    if (step <= 900 || minuteOfDay(timezone, at_s) % (step / 60) === 0) ticks.push(at_s)
  }
  return ticks
}

function minuteOfDay(timezone: string, at_s: number): number {
  const [hours = '0', minutes = '0'] = hourAndMinute(timezone, at_s).split(':')
  return Number(hours) * 60 + Number(minutes)
}

/** Round densities from zero up to the top. */
export function densityTicks(top_ppm2: number, most: number): number[] {
  const rough = top_ppm2 / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough
  const ticks: number[] = []
  for (let i = 0; i * step <= top_ppm2 + 1e-9; i += 1) ticks.push(i * step)
  return ticks
}
