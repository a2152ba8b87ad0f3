import type { Alarm, Person } from '../contract'
import type { Right } from '../words'
import {
  acknowledge,
  confirmMeasure,
  isRefusal,
  putInService,
  shelve,
  takeOutOfService,
  unshelve,
  type Refusal,
} from './actions'
import type { Hub } from './hub.svelte'

/** What is being asked of the hub about an alarm. */
export type Action =
  | 'acknowledge'
  | 'shelve'
  | 'unshelve'
  | 'take_out_of_service'
  | 'put_in_service'
  | `confirm ${string}`

export interface Failure {
  action: Action
  refusal: Refusal
}

/** The person's desk: what is chosen, open and on its way, and what may be done. */
export class Desk {
  chosen = $state<number | null>(null)
  /** The alarm whose measures are open. */
  measuresOf = $state<number | null>(null)
  /** The alarm that is about to be set aside. */
  asideOf = $state<number | null>(null)
  dialog = $state<'keys' | 'shift' | null>(null)
  /** The note of the hand-over, kept while the dialog is closed. */
  note = $state('')
  readonly person: Person

  #busy = $state.raw<ReadonlySet<string>>(new Set())
  #failures = $state.raw<ReadonlyMap<number, Failure>>(new Map())
  readonly #hub: Hub
  readonly #onSignedOut: () => void
  readonly #onAnswer: (alarm: Alarm) => void

  constructor(
    hub: Hub,
    person: Person,
    on: { signedOut: () => void; answer: (alarm: Alarm) => void },
  ) {
    this.#hub = hub
    this.person = person
    this.#onSignedOut = on.signedOut
    this.#onAnswer = on.answer
  }

  /** Whether anything that a key means would reach a dialog instead. */
  get inDialog(): boolean {
    return this.dialog !== null || this.asideOf !== null
  }

  may(right: Right): boolean {
    return this.person.rights.includes(right)
  }

  get maySetAside(): boolean {
    return this.may('shelve') || this.may('take_out_of_service')
  }

  isBusy(alarm: Alarm, action: Action): boolean {
    return this.#busy.has(`${alarm.id} ${action}`)
  }

  failureOf(alarm: Alarm): Failure | null {
    return this.#failures.get(alarm.id) ?? null
  }

  acknowledge(alarm: Alarm): Promise<boolean> {
    return this.#do(alarm, 'acknowledge', 'acknowledge', acknowledge)
  }

  shelve(alarm: Alarm, for_s: number, reason: string): Promise<boolean> {
    return this.#do(alarm, 'shelve', 'shelve', (each) => shelve(each, { for_s, reason }))
  }

  unshelve(alarm: Alarm): Promise<boolean> {
    return this.#do(alarm, 'unshelve', 'shelve', unshelve)
  }

  takeOutOfService(alarm: Alarm, reason: string): Promise<boolean> {
    return this.#do(alarm, 'take_out_of_service', 'take_out_of_service', (each) =>
      takeOutOfService(each, reason),
    )
  }

  putInService(alarm: Alarm): Promise<boolean> {
    return this.#do(alarm, 'put_in_service', 'take_out_of_service', putInService)
  }

  confirmMeasure(alarm: Alarm, measureId: string): Promise<boolean> {
    return this.#do(alarm, `confirm ${measureId}`, 'confirm_measure', (each) =>
      confirmMeasure(each, measureId),
    )
  }

  /** End the session when the hub no longer knows the person; say whether it did. */
  leftBy(refusal: Refusal): boolean {
    if (refusal.kind !== 'signed_out') return false
    this.#onSignedOut()
    return true
  }

  /** Ask once, and say whether the hub did it. */
  async #do(
    alarm: Alarm,
    action: Action,
    right: Right,
    ask: (alarm: Alarm) => Promise<Alarm | Refusal>,
  ): Promise<boolean> {
    const key = `${alarm.id} ${action}`
    if (!this.may(right) || this.#hub.gone || this.#busy.has(key)) return false
    this.#busy = new Set([...this.#busy, key])
    const answer = await ask(alarm)
    this.#busy = new Set([...this.#busy].filter((each) => each !== key))
    const failures = new Map([...this.#failures].filter(([id]) => id !== alarm.id))
    if (isRefusal(answer)) {
      if (this.leftBy(answer)) return false
      failures.set(alarm.id, { action, refusal: answer })
    } else {
      this.#hub.learn(alarm, answer)
    }
    this.#failures = failures
    this.#onAnswer(alarm)
    return !isRefusal(answer)
  }
}
