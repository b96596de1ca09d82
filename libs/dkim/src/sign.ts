// Signing: header first, body in any pieces, then one DKIM-Signature field for each key.
// RFC 6376 §5 (signer), §5.4.1 (which fields), §8.15 (each important one named once more than it occurs); RFC 8463 §3

import { createHash, type KeyObject, sign } from 'node:crypto'
import type { DomainName } from '@scop/identifiers'
import { fieldsNamed, type HeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { SharedBodyHashers } from './body-hash.ts'
import { canonicalizeField, relaxValue, selectFields } from './canonical-header.ts'
import { DKIM_LIMITS } from './limits.ts'
import type { Selector } from './selector.ts'
import {
  type Canonicalization,
  formatSignatureField,
  formatSignatureValue,
  type Signature,
  type SigningAlgorithm,
} from './signature.ts'

export type SigningKey = {
  readonly domain: DomainName
  readonly selector: Selector
  readonly algorithm: SigningAlgorithm
  /** RSA of at least 1024 bits or Ed25519, as `algorithm` says; another is our mistake, and throws. */
  readonly privateKey: KeyObject
}

export type SigningOptions = {
  readonly keys: readonly SigningKey[]
  readonly nowSeconds: number
  /** x= is `nowSeconds` plus this; absent: no x=. */
  readonly expireAfterSeconds?: number
  /** Default relaxed. */
  readonly headerCanonicalization?: Canonicalization
  readonly bodyCanonicalization?: Canonicalization
  /** Named once more than they occur, so that none can be added. Default `OVERSIGNED_FIELDS`; must hold From. */
  readonly oversignedFields?: readonly string[]
  /** Named as often as they occur. Default `SIGNED_FIELDS`. */
  readonly signedFields?: readonly string[]
}

/** A message without From, or with several, says nothing of who speaks: it is not signed. RFC 6376 §5.4, RFC 5322 §3.6 */
export type SigningError = { readonly kind: 'no-from' | 'several-from' | 'too-many-signed-fields' }

export type Signing = {
  /** The body, in any pieces. */
  update(chunk: Uint8Array): void
  /** Complete fields with their line ends, one for each key in order, to be put on top of the header. */
  finish(): readonly Uint8Array[]
}

export const OVERSIGNED_FIELDS: readonly string[] = [
  'From',
  'To',
  'Cc',
  'Subject',
  'Date',
  'Reply-To',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
]

export const SIGNED_FIELDS: readonly string[] = [
  'Sender',
  'In-Reply-To',
  'References',
  'Content-ID',
  'Content-Disposition',
  'Content-Description',
  'List-Id',
  'List-Help',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'List-Subscribe',
  'List-Post',
  'List-Owner',
  'List-Archive',
  'Resent-From',
  'Resent-Sender',
  'Resent-To',
  'Resent-Cc',
  'Resent-Date',
  'Resent-Message-ID',
]

export function startSigning(header: HeaderSection, options: SigningOptions): Result<Signing, SigningError> {
  const from = fieldsNamed(header, 'From').length
  if (from !== 1) return err({ kind: from === 0 ? 'no-from' : 'several-from' })
  for (const key of options.keys) assertKeyFits(key)
  const hashers = new SharedBodyHashers()
  const body = hashers.for(options.bodyCanonicalization ?? 'relaxed')
  const fieldNames = fieldNamesToSign(header, options)
  if (fieldNames.length > DKIM_LIMITS.signedFields) return err({ kind: 'too-many-signed-fields' }) // no verifier reads more
  return ok({
    update: (chunk) => hashers.update(chunk),
    finish: () => {
      const covered = coveredOctets(header, fieldNames, options.headerCanonicalization ?? 'relaxed')
      const bodyHash = body.finish().digest
      return options.keys.map((key) => signWith(key, options, fieldNames, covered, bodyHash))
    },
  })
}

/** The octets to be hashed before the signature's own field: the fields that `names` stand for, canonical. */
function coveredOctets(
  header: HeaderSection,
  names: readonly string[],
  canonicalization: Canonicalization,
): Uint8Array {
  const fields = selectFields(
    header,
    names.map((name) => name.toLowerCase()),
  )
  return concatOctets(fields.map((field) => canonicalizeField(field, canonicalization)))
}

function fieldNamesToSign(header: HeaderSection, options: SigningOptions): readonly string[] {
  const oversigned = options.oversignedFields ?? OVERSIGNED_FIELDS
  const wanted = [...oversigned, ...(options.signedFields ?? SIGNED_FIELDS)]
  if (!oversigned.some((name) => name.toLowerCase() === 'from')) throw new Error('Cannot sign: From is not oversigned')
  const occurrences = new Map<string, number>()
  for (const { name } of header.fields)
    occurrences.set(name.toLowerCase(), (occurrences.get(name.toLowerCase()) ?? 0) + 1)
  const names: string[] = []
  const seen = new Set<string>()
  for (const [i, name] of wanted.entries()) {
    if (!FIELD_NAME.test(name)) throw new Error(`Cannot sign a field named "${name}"`)
    const lower = name.toLowerCase()
    if (seen.has(lower)) continue
    seen.add(lower)
    const times = (occurrences.get(lower) ?? 0) + (i < oversigned.length ? 1 : 0)
    for (let n = 0; n < times; n++) names.push(name)
  }
  return names
}

function signWith(
  key: SigningKey,
  options: SigningOptions,
  fieldNames: readonly string[],
  covered: Uint8Array,
  bodyHash: Uint8Array,
): Uint8Array {
  const unsigned: Signature = {
    algorithm: key.algorithm,
    headerCanonicalization: options.headerCanonicalization ?? 'relaxed',
    bodyCanonicalization: options.bodyCanonicalization ?? 'relaxed',
    domain: key.domain,
    selector: key.selector,
    auid: { localPart: '', domain: key.domain },
    signedFields: fieldNames,
    bodyHash,
    signature: new Uint8Array(0),
    bodyOctets: undefined,
    signedAtSeconds: options.nowSeconds,
    expiresAtSeconds:
      options.expireAfterSeconds === undefined ? undefined : options.nowSeconds + options.expireAfterSeconds,
  }
  const own = formatSignatureField(unsigned, fieldNames)
  const canonicalOwn = unsigned.headerCanonicalization === 'simple' ? own : relaxOwnField(own)
  const octets = concatOctets([covered, canonicalOwn])
  // RFC 8463 §3: Ed25519 signs the SHA-256 of the octets
  const signature =
    key.algorithm === 'rsa-sha256'
      ? sign('sha256', octets, key.privateKey)
      : sign(null, createHash('sha256').update(octets).digest(), key.privateKey)
  return concatOctets([own, formatSignatureValue(signature), CRLF])
}

function relaxOwnField(field: Uint8Array): Uint8Array {
  const colon = field.indexOf(COLON)
  return concatOctets([encodeAscii('dkim-signature:'), relaxValue(field.subarray(colon + 1))])
}

function assertKeyFits(key: SigningKey): void {
  const { type, asymmetricKeyType, asymmetricKeyDetails } = key.privateKey
  const expected = key.algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519'
  if (type !== 'private' || asymmetricKeyType !== expected)
    throw new Error(`Cannot sign ${key.algorithm} with a ${asymmetricKeyType} key`)
  const bits = asymmetricKeyDetails?.modulusLength
  if (bits !== undefined && bits < MIN_SIGNING_BITS) throw new Error(`Cannot sign with RSA of ${bits} bits`) // RFC 8301 §3.2
}

const COLON = 0x3a
const MIN_SIGNING_BITS = 1024
const FIELD_NAME = /^[!-9<-~]{1,64}$/
const CRLF = encodeAscii('\r\n')
