import type { CameraInfo, CameraState, ZoneState } from '../contract'
import type { Dictionary } from '../i18n/dictionary'
import type { CameraHealth, Doubt, NotBelieved } from '../words'
import { decimal } from './format'
import type { World } from './world'

/** Whether what a camera tells is used as it is, used with more uncertainty, or not used. */
export type Trust = 'full' | 'less' | 'none'

const TRUST: Record<CameraHealth, Trust> = {
  ok: 'full',
  unsharp: 'less',
  saturated: 'less',
  overloaded: 'less',
  frozen: 'none',
  dark: 'none',
  blinded: 'none',
  moved: 'none',
  silent: 'none',
  connecting: 'none',
  lost: 'none',
  ended: 'none',
  old_revision: 'none',
}

const NOT_BELIEVED: Record<NotBelieved, true> = { frozen: true, dark: true, blinded: true, moved: true }

export function trustIn(health: CameraHealth): Trust {
  return TRUST[health]
}

/** The camera sends pictures, but not of what is there now. */
export function isNotBelieved(reason: string | null): reason is NotBelieved {
  return reason !== null && Object.hasOwn(NOT_BELIEVED, reason)
}

export function doubtOf(health: Doubt | 'ok' | null | undefined): Doubt | null {
  return health === 'ok' ? null : (health ?? null)
}

/** The cameras that have a part in a zone, the largest first, with how each of them is. */
export function camerasOf(
  world: World,
  state: ZoneState | null,
): { camera: CameraInfo; health: CameraHealth }[] {
  const named = state?.camera_ids ?? []
  const ids = named.length > 0 || state?.camera_id == null ? named : [state.camera_id]
  return ids.flatMap((id) => {
    const camera = world.cameras.find((each) => each.id === id)
    const health = world.cameraStates.get(id)?.health ?? 'connecting'
    return camera === undefined ? [] : [{ camera, health }]
  })
}

/** How far a moved camera's picture is off: 12 px ≈ 0,4 m. */
export function shiftOf(words: Dictionary, state: CameraState): string | null {
  if (state.health !== 'moved' || state.shift_px === null) return null
  const { shift_px, shift_m } = state
  // A shift of some centimetres must not read as none.
  const metres = shift_m === null ? null : decimal(words, shift_m, shift_m < 0.095 ? 2 : 1)
  return words.cameras.shift(decimal(words, shift_px, 0), metres)
}

/** What is wrong with a camera, in a word, with its shift where it was moved. */
export function healthWords(words: Dictionary, state: CameraState): string {
  const shift = shiftOf(words, state)
  const word = words.health[state.health]
  return shift === null ? word : `${word}, ${shift}`
}

export function adviceOn(words: Dictionary, health: CameraHealth): string | null {
  return health === 'ok' ? null : words.advice[health]
}
