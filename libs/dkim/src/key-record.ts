// Key records, as TXT under `selector._domainkey.domain`: parse what others publish, format ours.
// RFC 6376 §3.6.1; RFC 8463 §4 (k=ed25519, bare 32 octets); RFC 8301 §3.2 (sizes are judged by the verifier)

import { createPublicKey, type KeyObject } from 'node:crypto'
import { concatOctets, decodeBase64, decodeHex, decodeLatin1, encodeBase64 } from '@scop/octets'
import { err, expectOk, ok, type Result } from '@scop/result'
import { DKIM_LIMITS, type DkimLimits } from './limits.ts'
import { parseTagList, removeFws, type TagListError, trimFws } from './tag-list.ts'

export type KeyType = 'rsa' | 'ed25519'

export type KeyRecord = {
  readonly keyType: KeyType
  /** `revoked`: p= is empty. */
  readonly publicKey: KeyObject | 'revoked'
  /** h=; undefined allows all. */
  readonly hashes: readonly string[] | undefined
  /** s=, such as `email`; `*` allows all. */
  readonly services: readonly string[]
  /** t=y: the domain is only trying DKIM out. */
  readonly testing: boolean
  /** t=s: the domain of i= must be that of d=. */
  readonly sameDomain: boolean
}

export type KeyRecordError =
  | TagListError
  | { readonly kind: 'not-a-key-record' | 'unknown-key-type' | 'bad-public-key' }

/** Reads a record from its character-strings, joined or not. */
export function parseKeyRecord(
  record: string | readonly Uint8Array[],
  limits: DkimLimits = DKIM_LIMITS,
): Result<KeyRecord, KeyRecordError> {
  const text = typeof record === 'string' ? record : decodeLatin1(concatOctets(record))
  const parsed = parseTagList(text, limits)
  if (!parsed.ok) return parsed
  const tags = parsed.value
  const version = tags.get('v')
  // v= is optional, but must come first
  if (version !== undefined && (version.value !== 'DKIM1' || tags.keys().next().value !== 'v')) {
    return err({ kind: 'not-a-key-record' })
  }
  const published = tags.get('p')
  if (published === undefined) return err({ kind: 'not-a-key-record' })
  const keyType = tags.get('k')?.value ?? 'rsa'
  if (keyType !== 'rsa' && keyType !== 'ed25519') return err({ kind: 'unknown-key-type' })
  const publicKey = parsePublicKey(keyType, removeFws(published.value))
  if (publicKey === undefined) return err({ kind: 'bad-public-key' })
  const hashes = tags.get('h')
  const flags = splitList(tags.get('t')?.value ?? '')
  return ok({
    keyType,
    publicKey,
    hashes: hashes === undefined ? undefined : splitList(hashes.value),
    services: splitList(tags.get('s')?.value ?? '*'),
    testing: flags.includes('y'),
    sameDomain: flags.includes('s'),
  })
}

/** The text to publish: `v=DKIM1; k=rsa; h=sha256; p=…`. Longer than 255 octets for RSA: one TXT record, several strings. */
export function formatKeyRecord(
  publicKey: KeyObject,
  flags: { readonly testing?: boolean; readonly sameDomain?: boolean } = {},
): string {
  const type = publicKey.asymmetricKeyType
  if (publicKey.type !== 'public' || (type !== 'rsa' && type !== 'ed25519'))
    throw new Error(`Cannot publish a ${type} key`)
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const p = encodeBase64(type === 'rsa' ? spki : spki.subarray(-ED25519_OCTETS))
  const t = [...(flags.testing ? ['y'] : []), ...(flags.sameDomain ? ['s'] : [])].join(':')
  return `v=DKIM1; k=${type}; h=sha256;${t === '' ? '' : ` t=${t};`} p=${p}`
}

function parsePublicKey(keyType: KeyType, base64: string): KeyObject | 'revoked' | undefined {
  if (base64 === '') return 'revoked'
  const octets = decodeBase64(base64)
  if (!octets.ok || octets.value.length > MAX_KEY_OCTETS) return undefined
  if (keyType === 'ed25519') {
    if (octets.value.length !== ED25519_OCTETS) return undefined
    return readKey(concatOctets([ED25519_SPKI_PREFIX, octets.value]), 'spki', 'ed25519')
  }
  // SubjectPublicKeyInfo in practice (erratum 3017); RSAPublicKey as the text of RFC 6376 §3.6.1 says
  return readKey(octets.value, 'spki', 'rsa') ?? readKey(octets.value, 'pkcs1', 'rsa')
}

function readKey(der: Uint8Array, type: 'spki' | 'pkcs1', expected: KeyType): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type })
    if (key.asymmetricKeyType !== expected) return undefined
    const exponent = key.asymmetricKeyDetails?.publicExponent
    return exponent === undefined || (exponent >= 3n && exponent <= MAX_EXPONENT) ? key : undefined
  } catch {
    return undefined // foreign octets that OpenSSL refuses
  }
}

const splitList = (text: string): readonly string[] => text.split(':').map(trimFws)

const ED25519_OCTETS = 32
const ED25519_SPKI_PREFIX = expectOk(decodeHex('302a300506032b6570032100'), 'read a constant') // RFC 8410 §4
const MAX_KEY_OCTETS = 4096 // RSA of more than 16384 bits is not even looked at
const MAX_EXPONENT = 0xffff_ffffn // a larger one makes each verification slow, and nobody uses one
