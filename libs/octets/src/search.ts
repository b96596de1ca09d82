// Comparing and finding octets.

/** Not in constant time: for secrets there is `timingSafeEqual` of `node:crypto`. */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** As `memcmp`, a shorter prefix first. */
export function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number) // as: i < both lengths
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Where `needle` first stands in `octets` at or after `from` (0 or more); -1 if nowhere. */
export function indexOfOctets(octets: Uint8Array, needle: Uint8Array, from = 0): number {
  const first = needle[0]
  if (first === undefined) return Math.min(from, octets.length)
  const last = octets.length - needle.length
  for (let at = octets.indexOf(first, from); at >= 0 && at <= last; at = octets.indexOf(first, at + 1)) {
    let i = 1
    while (i < needle.length && octets[at + i] === needle[i]) i++
    if (i === needle.length) return at
  }
  return -1
}

/** One chunk is answered itself, not a copy. */
export function concatOctets(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array // as: length is 1
  let length = 0
  for (const chunk of chunks) length += chunk.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
