// The ARC-Message-Signature field: as DKIM signs, with an instance, without a version, and never over a seal.
// RFC 8617 §4.1.2; RFC 6376 §3.5

import {
  type Canonicalization,
  keyName,
  parseCanonicalization,
  parseSelector,
  parseTagList,
  removeFws,
  type Selector,
  type SigningAlgorithm,
  type TagListError,
  trimFws,
} from '@scop/dkim'
import { type DomainName, parseDomainName } from '@scop/identifiers'
import { decodeBase64, decodeLatin1 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { parseInstance } from './instance.ts'
import { ARC_LIMITS, type ArcLimits } from './limits.ts'

/** Who signed, with what: of a message signature as of a seal. */
export type Signer = {
  readonly instance: number
  readonly algorithm: SigningAlgorithm
  readonly domain: DomainName
  readonly selector: Selector
  readonly signature: Uint8Array
  readonly signedAtSeconds: number | undefined
}

export type MessageSignature = Signer & {
  readonly headerCanonicalization: Canonicalization
  readonly bodyCanonicalization: Canonicalization
  /** Names in h=, lower case, in order; may be none. */
  readonly signedFields: readonly string[]
  readonly bodyHash: Uint8Array
  /** l=: octets of the canonical body that are signed. */
  readonly bodyOctets: number | undefined
}

export type SignerError =
  | TagListError
  | { readonly kind: 'missing-tag'; readonly tag: string }
  | {
      readonly kind:
        | 'bad-instance'
        | 'unknown-algorithm'
        | 'bad-domain'
        | 'bad-selector'
        | 'bad-signature-value'
        | 'bad-time'
    }

export type MessageSignatureError =
  | SignerError
  | {
      readonly kind:
        | 'unknown-canonicalization'
        | 'bad-signed-fields'
        | 'too-many-signed-fields'
        | 'seal-signed'
        | 'bad-body-hash'
        | 'bad-body-length'
    }

/** Reads the value of the field, as it stands after the colon (folded). */
export function parseMessageSignature(
  value: Uint8Array,
  limits: ArcLimits = ARC_LIMITS,
): Result<MessageSignature, MessageSignatureError> {
  const parsed = parseTagList(decodeLatin1(value), limits)
  if (!parsed.ok) return parsed
  const tags = new Map([...parsed.value].map(([name, tag]) => [name, tag.value]))
  const signer = readSigner(tags)
  if (!signer.ok) return signer
  for (const tag of ['bh', 'h']) if (!tags.has(tag)) return err({ kind: 'missing-tag', tag })
  const canonicalization = parseCanonicalization(tags.get('c') ?? NO_CANONICALIZATION)
  if (canonicalization === undefined) return err({ kind: 'unknown-canonicalization' })
  // sig-h-tag: names with colons between; an empty one stands for no field, as one that does not occur
  const signedFields = (tags.get('h') ?? '').split(':').map((name) => trimFws(name).toLowerCase())
  if (signedFields.length > limits.signedFields) return err({ kind: 'too-many-signed-fields' })
  if (!signedFields.every((name) => FIELD_NAME.test(name))) return err({ kind: 'bad-signed-fields' })
  if (signedFields.includes('arc-seal')) return err({ kind: 'seal-signed' }) // RFC 8617 §4.1.2
  const bodyHash = decodeBase64(removeFws(tags.get('bh') ?? ''))
  if (!bodyHash.ok || bodyHash.value.length !== SHA256_OCTETS) return err({ kind: 'bad-body-hash' })
  const length = tags.get('l')
  if (length !== undefined && !isNumber(length)) return err({ kind: 'bad-body-length' })
  return ok({
    ...signer.value,
    ...canonicalization,
    signedFields: signedFields.filter((name) => name !== ''),
    bodyHash: bodyHash.value,
    bodyOctets: length === undefined ? undefined : Number(length),
  })
}

/** What a message signature and a seal have in common. */
export function readSigner(tags: ReadonlyMap<string, string>): Result<Signer, SignerError> {
  for (const tag of ['i', 'a', 'b', 'd', 's']) if (!tags.has(tag)) return err({ kind: 'missing-tag', tag })
  const text = (tag: string): string => tags.get(tag) ?? ''
  const instance = parseInstance(text('i'))
  if (instance === undefined) return err({ kind: 'bad-instance' })
  const algorithm = text('a')
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') return err({ kind: 'unknown-algorithm' })
  const domain = parseDomainName(text('d'))
  if (!domain.ok || text('d').endsWith('.')) return err({ kind: 'bad-domain' })
  const selector = parseSelector(text('s'))
  if (!selector.ok || keyName(selector.value, domain.value) === undefined) return err({ kind: 'bad-selector' })
  const signature = decodeBase64(removeFws(text('b')))
  if (!signature.ok || signature.value.length === 0) return err({ kind: 'bad-signature-value' })
  const time = tags.get('t')
  if (time !== undefined && !isNumber(time)) return err({ kind: 'bad-time' })
  return ok({
    instance,
    algorithm,
    domain: domain.value,
    selector: selector.value,
    signature: signature.value,
    signedAtSeconds: time === undefined ? undefined : Number(time),
  })
}

const isNumber = (text: string): boolean => NUMBER.test(text) && Number.isSafeInteger(Number(text))

// Quirk: without c= ARC's own test suite and its first signers mean relaxed, where DKIM means simple.
const NO_CANONICALIZATION = 'relaxed/relaxed'
const SHA256_OCTETS = 32
const NUMBER = /^[0-9]{1,76}$/
const FIELD_NAME = /^[!-9<-~]{0,256}$/
