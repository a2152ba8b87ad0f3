import { expect, test } from 'vitest'
import { Pace } from '../src/logic/pace'

function drawn(began_ms: number, took_ms: number): Pace {
  const pace = new Pace()
  pace.begins(began_ms)
  pace.ended(began_ms + took_ms)
  return pace
}

test('the first picture is drawn at once', () => {
  expect(new Pace().wait_ms(0)).toBe(0)
})

test('drawing takes at most a third of the time', () => {
  const pace = drawn(1000, 200)
  expect(pace.wait_ms(1200)).toBeCloseTo(400)
  expect(pace.wait_ms(1600)).toBe(0)
  expect(pace.wait_ms(9000)).toBe(0)
})

test('no picture waits for longer than two seconds', () => {
  expect(drawn(0, 30_000).wait_ms(500)).toBe(1500)
})

test('while a picture is being drawn the last one says how long it takes', () => {
  const pace = drawn(0, 100)
  pace.begins(400)
  expect(pace.wait_ms(450)).toBeCloseTo(250)
})
