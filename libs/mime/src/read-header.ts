// The header section off a stream of octets, and the body as it comes after it.

import { ok, type Result } from '@scop/result'
import { HeaderReader } from './header-reader.ts'
import { HEADER_LIMITS, type HeaderError, type HeaderLimits, type HeaderSection } from './header-section.ts'

export type StreamedMessage = {
  readonly header: HeaderSection
  /** What follows the header, in the pieces in which it comes; to be read once. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Reads `octets` up to the body. Pieces are kept, not copied: they must not be written to afterwards. What `octets`
 * throws is thrown here, or where `body` is read.
 */
export async function readHeader(
  octets: AsyncIterable<Uint8Array>,
  limits: HeaderLimits = HEADER_LIMITS,
): Promise<Result<StreamedMessage, HeaderError>> {
  const source = octets[Symbol.asyncIterator]()
  const reader = new HeaderReader(limits)
  for (;;) {
    const next = await source.next()
    const read = next.done === true ? reader.finish() : reader.feed(next.value)
    if (!read.ok) {
      await source.return?.()
      return read
    }
    if (read.value.kind === 'need-more') continue
    return ok({ header: read.value.header, body: bodyOf(read.value.rest, source) })
  }
}

async function* bodyOf(rest: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (rest.length > 0) yield rest
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value
  } finally {
    await source.return?.()
  }
}
