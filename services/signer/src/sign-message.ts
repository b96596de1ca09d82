// One message through the signer: header read, body hashed as it passes, both signatures ready at the end.
// RFC 6376 §5, RFC 8463 §3

import { type SigningError, startSigning } from '@scop/dkim'
import { readHeader } from '@scop/mime'
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
  const read = await readHeader(octets)
  if (!read.ok) return err({ kind: 'bad-header', reason: read.error.kind })
  const { header, body } = read.value
  const nowSeconds = Math.floor(options.nowMs / 1000)
  const signing = startSigning(header, { keys, nowSeconds, expireAfterSeconds: options.expireAfterSeconds })
  if (!signing.ok) return signing
  const { value: open } = signing
  async function* passed(): AsyncGenerator<Uint8Array> {
    yield header.octets
    for await (const chunk of body) {
      open.update(chunk)
      yield chunk
    }
  }
  return ok({ octets: passed(), finish: () => concatOctets(open.finish()) })
}
