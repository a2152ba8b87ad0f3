import { hashOfZone, zoneOfHash } from '../logic/route'

/** The chosen zone lives in the address, so that it can be shared and Back works. */
class Address {
  zone = $state<string | null>(zoneOfHash(location.hash))

  constructor() {
    addEventListener('hashchange', () => (this.zone = zoneOfHash(location.hash)))
  }

  open(zoneId: string | null): void {
    this.zone = zoneId
    const hash = hashOfZone(zoneId)
    if (location.hash !== hash) location.hash = hash
  }
}

export const address = new Address()
