/** The zone that an address such as #/zone/bridge or #/zone/bridge?span=4h names. */
export function zoneOfHash(hash: string): string | null {
  const found = /^#\/zone\/([^/?]+)(?:\?.*)?$/.exec(hash)
  if (found?.[1] === undefined) return null
  try {
    return decodeURIComponent(found[1])
  } catch {
    return null
  }
}

export function hashOfZone(zoneId: string | null): string {
  return zoneId === null ? '#/' : `#/zone/${encodeURIComponent(zoneId)}`
}
