import { filterOfHash, hashOfFilter, type EventFilter } from '../logic/events'

/** The event log's filter lives in the address, so that it can be shared; null: it is not open. */
class EventAddress {
  filter = $state.raw<EventFilter | null>(filterOfHash(location.hash))
  /** Where the log was opened from. */
  #from = '#/'

  constructor() {
    addEventListener('hashchange', ({ oldURL }) => {
      const filter = filterOfHash(location.hash)
      if (filter !== null && this.filter === null) this.#from = new URL(oldURL).hash || '#/'
      this.filter = filter
    })
  }

  open(filter: EventFilter): void {
    if (this.filter === null) this.#from = location.hash || '#/'
    this.filter = filter
    location.hash = hashOfFilter(filter)
  }

  /** Change what is asked for; Back does not go through each letter of it. */
  change(filter: EventFilter): void {
    this.filter = filter
    history.replaceState(history.state, '', hashOfFilter(filter))
  }

  close(): void {
    this.filter = null
    location.hash = this.#from
  }
}

export const eventAddress = new EventAddress()
