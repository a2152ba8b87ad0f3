import { TUNES, type Call } from '../logic/sound'
import { preferences } from './preferences.svelte'

const FADE_S = 0.02

/** Plays tunes, and knows when the browser does not let it: until a key or pointer, for instance. */
class Sound {
  /** The browser keeps quiet, whatever is asked. */
  blocked = $state(false)
  #context: AudioContext | null = null

  constructor() {
    const wake = (): void => void this.wake()
    addEventListener('pointerdown', wake, { capture: true })
    addEventListener('keydown', wake, { capture: true })
  }

  /** Ask the browser for sound; it listens only after somebody did something on the page. */
  async wake(): Promise<void> {
    try {
      this.#context ??= new AudioContext()
      if (this.#context.state === 'suspended') await this.#context.resume()
    } catch {
      this.blocked = true
      return
    }
    this.blocked = this.#context.state !== 'running'
  }

  play(call: Call): void {
    const context = this.#context
    if (context === null || context.state !== 'running') {
      this.blocked = true
      return
    }
    this.blocked = false
    for (const { at_s, hz, for_s } of TUNES[call]) {
      const begins_s = context.currentTime + 0.02 + at_s
      const gain = context.createGain()
      const tone = context.createOscillator()
      // Overtones are heard through the noise of a room, and say where they come from.
      tone.type = 'triangle'
      tone.frequency.value = hz
      gain.gain.setValueAtTime(0, begins_s)
      gain.gain.linearRampToValueAtTime(preferences.volume, begins_s + FADE_S)
      gain.gain.setValueAtTime(preferences.volume, begins_s + for_s - FADE_S)
      gain.gain.linearRampToValueAtTime(0, begins_s + for_s)
      tone.connect(gain).connect(context.destination)
      tone.start(begins_s)
      tone.stop(begins_s + for_s)
    }
  }
}

export const sound = new Sound()
