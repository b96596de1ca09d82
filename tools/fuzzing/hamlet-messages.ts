// Mails of the generator Hamlet, to begin with: in turn from the whole grammar, like real ones, and broken.
// Loaded only when asked for: what is loaded before the instrumentation would not be instrumented.

/** Mail number `index` of those of `seed`. */
export async function hamletMessages(seed: number): Promise<(index: number) => Uint8Array> {
  const { generateMail } = await import('@scop/hamlet')
  return (index) => new Uint8Array(octetsOf(generateMail, seed, index)) // a copy: the generator uses its buffer again
}

function octetsOf(generateMail: typeof import('@scop/hamlet').generateMail, seed: number, index: number): Uint8Array {
  if (index % 3 === 2) return generateMail(seed, index, 'hostile').octets
  return generateMail(seed, index, index % 3 === 0 ? 'grammar' : 'realistic').octets
}
