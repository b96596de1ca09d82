// One message through the signer: header read, body hashed as it passes, both signatures ready at the end.
// RFC 6376 §5, RFC 8463 §3

import { type SigningError, startSigning } from '@scop/dkim'
import { HeaderReader } from '@scop/mime'
import { concatOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { DomainKey } from './key-store.ts'

export type SignedMessage = {
  /** As they came. */
  readonly octets: AsyncIterable<Uint8Array>
  /** After the last octet: the DKIM-Signature fields, to stand above. */
  finish(): Uint8Array
}

export async function signMessage(
  octets: AsyncIterable<Uint8Array>,
  keys: readonly DomainKey[],
  options: { readonly nowMs: number; readonly expireAfterSeconds: number },
): Promise<Result<SignedMessage, SigningError | { readonly kind: 'bad-header'; readonly reason: string }>> {
  const source = octets[Symbol.asyncIterator]()
  const reader = new HeaderReader()
  for (;;) {
    const next = await source.next()
    const read = next.done === true ? reader.finish() : reader.feed(next.value)
    if (!read.ok) return err({ kind: 'bad-header', reason: read.error.kind })
    if (read.value.kind === 'need-more') continue
    const { header, rest } = read.value
    const nowSeconds = Math.floor(options.nowMs / 1000)
    const signing = startSigning(header, { keys, nowSeconds, expireAfterSeconds: options.expireAfterSeconds })
    if (!signing.ok) return signing
    const { value: open } = signing
    async function* passed(): AsyncGenerator<Uint8Array> {
      open.update(rest)
      yield rest.length > 0 ? concatOctets([header.octets, rest]) : header.octets
      for (let more = await source.next(); more.done !== true; more = await source.next()) {
        open.update(more.value)
        yield more.value
      }
    }
    return ok({ octets: passed(), finish: () => concatOctets(open.finish()) })
  }
}
