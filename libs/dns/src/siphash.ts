// SipHash-2-4: a keyed hash of 64 bits, fast on short input. Words of 64 bits are pairs of 32.
// Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; RFC 9018 §4.4 uses it

/** `key` has 16 octets; eight come back. */
export function sipHash24(key: Uint8Array, octets: Uint8Array): Uint8Array {
  if (key.length !== 16) throw new Error('The key of SipHash has 16 octets')
  const words = new DataView(key.buffer, key.byteOffset, 16)
  const k = [0, 4, 8, 12].map((at) => words.getUint32(at, true))
  const [k0, k1, k2, k3] = [k[0] ?? 0, k[1] ?? 0, k[2] ?? 0, k[3] ?? 0]
  // Four words, each low half first: "somepseudorandomlygeneratedbytes".
  const v = Int32Array.of(
    k0 ^ 0x70736575,
    k1 ^ 0x736f6d65,
    k2 ^ 0x6e646f6d,
    k3 ^ 0x646f7261,
    k0 ^ 0x6e657261,
    k1 ^ 0x6c796765,
    k2 ^ 0x79746573,
    k3 ^ 0x74656462,
  )
  const whole = octets.length >>> 3
  const padded = new Uint8Array((whole + 1) * 8)
  padded.set(octets)
  padded[padded.length - 1] = octets.length
  const blocks = new DataView(padded.buffer)
  for (let at = 0; at < padded.length; at += 8) {
    const [low, high] = [blocks.getUint32(at, true), blocks.getUint32(at + 4, true)]
    v[6] = (v[6] ?? 0) ^ low
    v[7] = (v[7] ?? 0) ^ high
    rounds(v, 2)
    v[0] = (v[0] ?? 0) ^ low
    v[1] = (v[1] ?? 0) ^ high
  }
  v[4] = (v[4] ?? 0) ^ 0xff
  rounds(v, 4)
  const hash = new DataView(new ArrayBuffer(8))
  hash.setInt32(0, (v[0] ?? 0) ^ (v[2] ?? 0) ^ (v[4] ?? 0) ^ (v[6] ?? 0), true)
  hash.setInt32(4, (v[1] ?? 0) ^ (v[3] ?? 0) ^ (v[5] ?? 0) ^ (v[7] ?? 0), true)
  return new Uint8Array(hash.buffer)
}

function rounds(v: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    half(v, 0, 2, 13)
    swap(v, 0)
    half(v, 4, 6, 16)
    half(v, 0, 6, 21)
    half(v, 4, 2, 17)
    swap(v, 4)
  }
}

/** a += b; b = (b <<< bits) ^ a */
function half(v: Int32Array, a: number, b: number, bits: number): void {
  const [bLow, bHigh] = [v[b] ?? 0, v[b + 1] ?? 0]
  const low = ((v[a] ?? 0) >>> 0) + (bLow >>> 0)
  v[a] = low
  v[a + 1] = (v[a + 1] ?? 0) + bHigh + (low > 0xffffffff ? 1 : 0)
  v[b] = ((bLow << bits) | (bHigh >>> (32 - bits))) ^ (v[a] ?? 0)
  v[b + 1] = ((bHigh << bits) | (bLow >>> (32 - bits))) ^ (v[a + 1] ?? 0)
}

/** a <<<= 32 */
function swap(v: Int32Array, a: number): void {
  const low = v[a] ?? 0
  v[a] = v[a + 1] ?? 0
  v[a + 1] = low
}
