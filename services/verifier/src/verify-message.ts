// One message through the verifier: header read, forged results removed, every check run while the body passes, then the
// decision, and what was found written above. Which check decides what stands in policy.ts.
// RFC 8601 §5 (removing what claims to be ours), RFC 6376 §6, RFC 7208 §2.4, RFC 6376 §8.15 (what readers show and signers did not sign)

import { arcResult, type ChainResult, startValidating } from '@scop/arc'
import { startVerifying } from '@scop/dkim'
import { findAuthorDomain } from '@scop/dmarc'
import { type DomainName, formatMailbox, formatMailDomain, type IpAddress, type Mailbox } from '@scop/identifiers'
import {
  type Ambiguity,
  AmbiguityReader,
  claimsAuthservId,
  fieldsNamed,
  formatAuthenticationResults,
  type MethodResult,
  readHeader,
  rewriteHeader,
  type StreamedMessage,
} from '@scop/mime'
import { concatOctets } from '@scop/octets'
import type { Seen } from '@scop/reputation'
import { err, ok, type Result } from '@scop/result'
import { checkHost, formatReceivedSpf, runCheck, SPF_LIMITS, type SpfOutcome, spfResult } from '@scop/spf'
import { askTexts, askWithin, type Dns } from './ask-dns.ts'
import { dkimResults, noSignature } from './dkim-results.ts'
import { checkDmarc } from './dmarc-findings.ts'
import { type Decision, decide, type Findings, type Policy } from './policy.ts'
import { seenInMessage } from './seen-in-message.ts'
import { whyReadersDiffer } from './why-readers-differ.ts'

export type Verification = {
  readonly hostname: DomainName
  readonly nowMs: number
  readonly receivedFields: number
  readonly policy: Policy
  readonly dns: Dns
  /** Domains whose ARC seals count. */
  readonly trustedSealers: readonly string[]
  /** 0 to 99, by chance: records that ask for a share of their mail. RFC 7489 §6.6.4 */
  readonly sample: number
  readonly sender: Mailbox | undefined
  /** undefined: the mail came from nobody outside. */
  readonly client: { readonly address: IpAddress; readonly helo: string } | undefined
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
  readonly decision: Decision
  /** Authentication-Results and Received-SPF. */
  readonly fields: Uint8Array
  /** The results in one line, for the log. */
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
  verification: Verification,
): Result<VerifiedMessage, VerificationError> {
  const { hostname, nowMs, dns, policy } = verification
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
  // All that needs the header alone is asked while the body comes; no question rejects.
  const verifying = startVerifying(header, { nowSeconds: Math.floor(nowMs / 1000) }) // over the header as it came
  const validating = startValidating(header)
  const keyNames = new Set([...verifying.keyNames, ...validating.keyNames])
  const keys = Promise.all([...keyNames].map(async (name) => [name, await askTexts(dns.ask, name)] as const))
  const author = findAuthorDomain(header)
  // The first question of DMARC, known when it is asked. RFC 9989 §4.10
  if (author.ok) void dns.ask({ name: `_dmarc.${author.value.domain}`, type: 'TXT' })
  const checking = checkSender(verification)
  const ambiguityReader = new AmbiguityReader()
  ambiguityReader.feed(header.octets)
  async function* octets(): AsyncGenerator<Uint8Array> {
    yield cleanedOctets
    for await (const chunk of body) {
      verifying.update(chunk)
      validating.update(chunk)
      ambiguityReader.feed(chunk)
      yield chunk
    }
  }
  return ok({
    octets: octets(),
    finish: async () => {
      const answers = new Map(await keys)
      const signatures = verifying.finish(answers)
      const chain = validating.finish(answers)
      const { ambiguities } = ambiguityReader.finish()
      const unreadable = whyReadersDiffer(ambiguities)
      const spf = await checking
      const proofs =
        unreadable === undefined ? signatures.flatMap((one) => (one.result === 'pass' ? [one.proof] : [])) : []
      const { sender, sample } = verification
      const nullSender = sender === undefined
      const dmarc = await checkDmarc({ author, spf, proofs, nullSender, sample, dns })
      const findings: Findings = {
        ...dmarc.findings,
        spf,
        signatureUndecided: signatures.some(({ result }) => result === 'temperror'),
        trustedSealer: trustedSealer(chain, verification.trustedSealers),
      }
      const decision = decide(findings, policy)
      const results = [
        ...(spf === undefined ? [] : [spfResult(spf, envelopeText(sender))]),
        ...(signatures.length === 0 ? [noSignature] : dkimResults(signatures, unreadable)),
        ...(chain.status === 'none' ? [] : [arcResult(chain)]),
        dmarc.result,
      ]
      return {
        decision,
        fields: concatOctets([formatAuthenticationResults(hostname, results), ...receivedSpf(spf, verification)]),
        summary: results.map(summarize).join('; '),
        forged,
        ambiguities,
        unreadable,
        seen: seenInMessage({ signatures, proofs, spf, dmarc: findings.dmarc, decision }),
      }
    },
  })
}

/** The newest sealer, where the operator trusts him and all before him, and the first says that DMARC passed. */
function trustedSealer(chain: ChainResult, trusted: readonly string[]): string | undefined {
  if (chain.status !== 'pass') return undefined
  const { sealers, results } = chain.proof
  if (!sealers.every((sealer) => trusted.includes(sealer))) return undefined
  return PASSED_BEFORE.test(results[0] ?? '') ? sealers.at(-1) : undefined
}

async function checkSender({ hostname, nowMs, dns, sender, client }: Verification): Promise<SpfOutcome | undefined> {
  if (client === undefined) return undefined
  const mailFrom = sender && { localPart: sender.localPart, domain: formatMailDomain(sender.domain) }
  const nowSeconds = Math.floor(nowMs / 1000)
  const request = { client: client.address, helo: client.helo, mailFrom, receiver: hostname, nowSeconds }
  return askWithin(dns, SPF_LIMITS.totalSeconds, ({ ask }) => runCheck(checkHost({ ...request, explain: false }), ask))
}

function receivedSpf(spf: SpfOutcome | undefined, { hostname, sender, client }: Verification): readonly Uint8Array[] {
  if (spf === undefined) return []
  return [formatReceivedSpf(spf, { receiver: hostname, helo: client?.helo ?? '', mailFrom: envelopeText(sender) })]
}

const envelopeText = (sender: Mailbox | undefined): string => (sender === undefined ? '' : formatMailbox(sender))

/** `spf=pass mailfrom=a@example.com`: for the log. */
function summarize({ method, result, properties }: MethodResult): string {
  const about = properties?.find(({ name }) => SUMMARIZED.has(name))
  return `${method}=${result}${about === undefined ? '' : ` ${about.name}=${about.value}`}`
}

// A result of its own, not text in another's reason or comment: RFC 8617 §5.1 has the sealer write it.
const PASSED_BEFORE = /^[^"(]*;\s*dmarc=pass(?=[\s;]|$)/i
const SUMMARIZED = new Set(['d', 'mailfrom', 'helo', 'from'])
