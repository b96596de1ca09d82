// Room for replies, cut out of a larger piece: small arrays cost more to make than to fill.

/** So many octets, which nobody else is given. */
export function replyRoom(octets: number): Uint8Array {
  if (octets > LARGEST_PIECE) return new Uint8Array(octets)
  if (used + octets > slab.length) {
    slab = new Uint8Array(SLAB_OCTETS)
    used = 0
  }
  used += octets
  return slab.subarray(used - octets, used)
}

const SLAB_OCTETS = 65_536
const LARGEST_PIECE = 4096
let slab = new Uint8Array(0)
let used = 0
