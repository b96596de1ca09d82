// One message through the verifier: header read, forged results removed, signatures checked against the DNS,
// the verdict written above. Order and policy stand here and nowhere else.
// RFC 8601 §5 (removing what claims to be ours), RFC 6376 §6 (verifying), §8.15 (what readers show and signers did not sign)

import type { DomainName } from '@scop/identifiers'
import { type KeyAnswer, type SignatureResult, startVerifying } from '@scop/dkim'
import {
  type Ambiguity,
  AmbiguityReader,
  claimsAuthservId,
  fieldsNamed,
  formatAuthenticationResults,
  readHeader,
  rewriteHeader,
  type StreamedMessage,
} from '@scop/mime'
import type { Seen } from '@scop/reputation'
import { err, ok, type Result } from '@scop/result'
import { dkimResults, noSignature } from './dkim-results.ts'
import { seenInSignatures } from './seen-in-message.ts'
import { whyReadersDiffer } from './why-readers-differ.ts'

export type Verification = {
  readonly hostname: DomainName
  readonly nowMs: number
  readonly receivedFields: number
  /** The TXT records at a name, as DKIM wants them. */
  readonly askKey: (name: string) => Promise<KeyAnswer>
}

export type VerificationError =
  | { readonly kind: 'bad-header'; readonly reason: string }
  | { readonly kind: 'loop'; readonly received: number }

export type VerifiedMessage = {
  /** The message as it goes on: forged results removed, otherwise as it came. */
  readonly octets: AsyncIterable<Uint8Array>
  /** After the last octet. */
  finish(): Promise<Verdict>
}

export type Verdict = {
  /** Authentication-Results. */
  readonly field: Uint8Array
  /** Its results in one line, for the log. */
  readonly summary: string
  readonly forged: number
  /** Where readers of this message are known to differ. */
  readonly ambiguities: readonly Ambiguity[]
  /** Why a signature that holds is no pass, if so. */
  readonly unreadable: string | undefined
  /** For the reputation of whoever sent it. */
  readonly seen: Pick<Seen, 'provenDomains' | 'classes'>
}

/** Reads the header of `octets`; the body is hashed as it passes. */
export async function verifyMessage(
  octets: AsyncIterable<Uint8Array>,
  verification: Verification,
): Promise<Result<VerifiedMessage, VerificationError>> {
  const read = await readHeader(octets)
  if (!read.ok) return err({ kind: 'bad-header', reason: read.error.kind })
  const received = fieldsNamed(read.value.header, 'Received').length
  if (received > verification.receivedFields) return err({ kind: 'loop', received })
  return passOn(read.value, verification)
}

function passOn(
  { header, body }: StreamedMessage,
  { hostname, nowMs, askKey }: Verification,
): Result<VerifiedMessage, VerificationError> {
  let forged = 0
  const cleaned = rewriteHeader(header, {
    remove: (field) => {
      const claims = claimsAuthservId(field, hostname)
      if (claims) forged++
      return claims
    },
  })
  if (!cleaned.ok) return err({ kind: 'bad-header', reason: cleaned.error.kind })
  const cleanedOctets = cleaned.value
  const verifying = startVerifying(header, { nowSeconds: Math.floor(nowMs / 1000) }) // over the header as it came
  // Asked while the body comes; a question never rejects.
  const answers = Promise.all(verifying.keyNames.map(async (name) => [name, await askKey(name)] as const))
  const ambiguityReader = new AmbiguityReader()
  ambiguityReader.feed(header.octets)
  async function* octets(): AsyncGenerator<Uint8Array> {
    yield cleanedOctets
    for await (const chunk of body) {
      verifying.update(chunk)
      ambiguityReader.feed(chunk)
      yield chunk
    }
  }
  return ok({
    octets: octets(),
    finish: async () => {
      const found: readonly SignatureResult[] = verifying.finish(new Map(await answers))
      const { ambiguities } = ambiguityReader.finish()
      const unreadable = whyReadersDiffer(ambiguities)
      const results = found.length === 0 ? [noSignature] : dkimResults(found, unreadable)
      const summary = results.map(({ method, result, properties }) => {
        const domain = properties?.find(({ name }) => name === 'd')?.value
        return `${method}=${result}${domain === undefined ? '' : ` d=${domain}`}`
      })
      return {
        field: formatAuthenticationResults(hostname, results),
        summary: summary.join('; '),
        forged,
        ambiguities,
        unreadable,
        seen: seenInSignatures(found, unreadable),
      }
    },
  })
}
