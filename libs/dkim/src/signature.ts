// The DKIM-Signature field: type, parse, format. The writer writes only what the reader takes.
// RFC 6376 §3.5 (tags), §3.7 (b= taken out); RFC 8463 §3 (ed25519-sha256); RFC 8301 §3.1 (rsa-sha1 is out)

import { type DomainName, isAtOrBelow, parseDomainName } from '@scop/identifiers'
import { concatOctets, decodeBase64, decodeLatin1, encodeAscii, encodeBase64 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { DKIM_LIMITS, type DkimLimits } from './limits.ts'
import { keyName, parseSelector, type Selector } from './selector.ts'
import { parseTagList, removeFws, type Tag, type TagListError, trimFws } from './tag-list.ts'

export type SigningAlgorithm = 'rsa-sha256' | 'ed25519-sha256'
export type Canonicalization = 'simple' | 'relaxed'

/** The agent or user in whose name it was signed; the local part is often empty. */
export type Auid = { readonly localPart: string; readonly domain: DomainName }

export type Signature = {
  readonly algorithm: SigningAlgorithm | 'rsa-sha1'
  readonly headerCanonicalization: Canonicalization
  readonly bodyCanonicalization: Canonicalization
  readonly domain: DomainName
  readonly selector: Selector
  readonly auid: Auid
  /** Names in h=, lower case, in order. */
  readonly signedFields: readonly string[]
  readonly bodyHash: Uint8Array
  readonly signature: Uint8Array
  /** l=: octets of the canonical body that are signed. */
  readonly bodyOctets: number | undefined
  /** Seconds since 1970. */
  readonly signedAtSeconds: number | undefined
  readonly expiresAtSeconds: number | undefined
}

export type SignatureError =
  | TagListError
  | { readonly kind: 'missing-tag'; readonly tag: string }
  | {
      readonly kind:
        | 'unknown-version'
        | 'unknown-algorithm'
        | 'unknown-canonicalization'
        | 'unknown-query-method'
        | 'bad-domain'
        | 'bad-selector'
        | 'bad-auid'
        | 'auid-outside-domain'
        | 'bad-signed-fields'
        | 'too-many-signed-fields'
        | 'from-not-signed'
        | 'bad-body-hash'
        | 'bad-signature-value'
        | 'bad-body-length'
        | 'bad-time'
        | 'expires-before-signed'
    }

/** Reads the value of a DKIM-Signature field, as it stands after the colon (folded). */
export function parseSignature(value: Uint8Array, limits: DkimLimits = DKIM_LIMITS): Result<Signature, SignatureError> {
  const parsed = parseTagList(decodeLatin1(value), limits)
  if (!parsed.ok) return parsed
  const tags = parsed.value
  for (const tag of REQUIRED) if (!tags.has(tag)) return err({ kind: 'missing-tag', tag })
  const text = (tag: string): string => tags.get(tag)?.value ?? ''
  if (text('v') !== '1') return err({ kind: 'unknown-version' })
  const algorithm = text('a')
  if (!isAlgorithm(algorithm)) return err({ kind: 'unknown-algorithm' })
  const canonicalization = parseCanonicalization(tags.get('c')?.value ?? 'simple/simple')
  if (canonicalization === undefined) return err({ kind: 'unknown-canonicalization' })
  if (!(tags.get('q')?.value ?? DNS_TXT).split(':').some((method) => trimFws(method) === DNS_TXT)) {
    return err({ kind: 'unknown-query-method' })
  }
  const identity = parseIdentity(tags)
  if (!identity.ok) return identity
  const signedFields = parseSignedFields(text('h'), limits)
  if (!signedFields.ok) return signedFields
  const bodyHash = decodeBase64(removeFws(text('bh')))
  const hashOctets = algorithm === 'rsa-sha1' ? 20 : 32
  if (!bodyHash.ok || bodyHash.value.length !== hashOctets) return err({ kind: 'bad-body-hash' })
  const signature = decodeBase64(removeFws(text('b')))
  if (!signature.ok || signature.value.length === 0) return err({ kind: 'bad-signature-value' })
  const bodyOctets = parseNumber(tags.get('l'))
  if (bodyOctets === 'bad') return err({ kind: 'bad-body-length' })
  const signedAtSeconds = parseNumber(tags.get('t'))
  const expiresAtSeconds = parseNumber(tags.get('x'))
  if (signedAtSeconds === 'bad' || expiresAtSeconds === 'bad') return err({ kind: 'bad-time' })
  if (signedAtSeconds !== undefined && expiresAtSeconds !== undefined && expiresAtSeconds <= signedAtSeconds) {
    return err({ kind: 'expires-before-signed' })
  }
  return ok({
    algorithm,
    ...canonicalization,
    ...identity.value,
    signedFields: signedFields.value,
    bodyHash: bodyHash.value,
    signature: signature.value,
    bodyOctets,
    signedAtSeconds,
    expiresAtSeconds,
  })
}

/**
 * The whole DKIM-Signature field, folded, without its last CRLF; an empty `signature` gives what is signed.
 * `fieldNames` are written to h= as they stand. RFC 6376 §3.5, §5.5
 */
export function formatSignatureField(signature: Signature, fieldNames: readonly string[]): Uint8Array {
  const { auid } = signature
  const times: string[] = []
  if (signature.signedAtSeconds !== undefined) times.push(`t=${signature.signedAtSeconds};`)
  if (signature.expiresAtSeconds !== undefined) times.push(`x=${signature.expiresAtSeconds};`)
  const words = [
    'DKIM-Signature: v=1;',
    `a=${signature.algorithm};`,
    `c=${signature.headerCanonicalization}/${signature.bodyCanonicalization};`,
    `d=${signature.domain};`,
    `s=${signature.selector};`,
    ...(auid.localPart === '' && auid.domain === signature.domain
      ? []
      : [`i=${encodeDqp(auid.localPart)}@${auid.domain};`]),
    ...times,
    ...(signature.bodyOctets === undefined ? [] : [`l=${signature.bodyOctets};`]),
    ...fieldNames.map((name, i) => `${i === 0 ? 'h=' : ''}${name}${i === fieldNames.length - 1 ? ';' : ':'}`),
    `bh=${encodeBase64(signature.bodyHash)};`,
  ]
  const pieces: string[] = []
  let line = 0
  let previous = ':'
  for (const word of words) {
    // Names in h= follow each other without a space: less to carry, and folds may stand between them.
    const space = previous.endsWith(':') ? '' : ' '
    if (line > 0 && line + space.length + word.length > MAX_LINE) {
      pieces.push('\r\n ', word)
      line = 1 + word.length
    } else {
      pieces.push(space, word)
      line += space.length + word.length
    }
    previous = word
  }
  pieces.push('\r\n b=')
  return concatOctets([encodeAscii(pieces.join('')), formatSignatureValue(signature.signature)])
}

/** What stands after `b=`, which is last in the fields we write. */
export function formatSignatureValue(signature: Uint8Array): Uint8Array {
  const base64 = encodeBase64(signature)
  const lines: string[] = []
  for (let at = 0; at < base64.length; at += BASE64_LINE) lines.push(base64.slice(at, at + BASE64_LINE))
  return encodeAscii(lines.join('\r\n '))
}

/** The value with what stands in b= taken out, for hashing. RFC 6376 §3.7 */
export function withoutSignatureValue(value: Uint8Array, limits: DkimLimits = DKIM_LIMITS): Uint8Array {
  const tags = parseTagList(decodeLatin1(value), limits)
  const tag = tags.ok ? tags.value.get('b') : undefined
  if (tag === undefined) throw new Error('Cannot take b= out of a value that parseSignature refuses')
  const left = new Uint8Array(value.length - (tag.end - tag.start))
  left.set(value.subarray(0, tag.start))
  left.set(value.subarray(tag.end), tag.start)
  return left
}

const isAlgorithm = (text: string): text is Signature['algorithm'] =>
  text === 'rsa-sha256' || text === 'ed25519-sha256' || text === 'rsa-sha1'
const isCanonicalization = (text: string): text is Canonicalization => text === 'simple' || text === 'relaxed'

/** Reads c=. */
// sig-c-tag-alg = ("simple" / "relaxed") [ "/" ("simple" / "relaxed") ]; a missing second half is simple
export function parseCanonicalization(
  text: string,
): Pick<Signature, 'headerCanonicalization' | 'bodyCanonicalization'> | undefined {
  const [header = '', body = 'simple', ...more] = text.split('/')
  if (more.length > 0 || !isCanonicalization(header) || !isCanonicalization(body)) return undefined
  return { headerCanonicalization: header, bodyCanonicalization: body }
}

// d=, s=, i=: all in A-labels, i= at or below d=
function parseIdentity(
  tags: ReadonlyMap<string, Tag>,
): Result<Pick<Signature, 'domain' | 'selector' | 'auid'>, SignatureError> {
  const domain = parseDomainName(tags.get('d')?.value ?? '')
  if (!domain.ok || tags.get('d')?.value.endsWith('.')) return err({ kind: 'bad-domain' })
  const selector = parseSelector(tags.get('s')?.value ?? '')
  if (!selector.ok || keyName(selector.value, domain.value) === undefined) return err({ kind: 'bad-selector' })
  const identity = tags.get('i')
  if (identity === undefined) {
    return ok({ domain: domain.value, selector: selector.value, auid: { localPart: '', domain: domain.value } })
  }
  const decoded = decodeDqp(removeFws(identity.value))
  const at = decoded?.lastIndexOf('@') ?? -1
  if (decoded === undefined || at < 0) return err({ kind: 'bad-auid' })
  const auidDomain = parseDomainName(decoded.slice(at + 1))
  if (!auidDomain.ok) return err({ kind: 'bad-auid' })
  if (!isAtOrBelow(auidDomain.value, domain.value)) return err({ kind: 'auid-outside-domain' })
  const auid = { localPart: decoded.slice(0, at), domain: auidDomain.value }
  return ok({ domain: domain.value, selector: selector.value, auid })
}

// sig-h-tag = hdr-name *( [FWS] ":" [FWS] hdr-name )
function parseSignedFields(text: string, limits: DkimLimits): Result<readonly string[], SignatureError> {
  const names = text.split(':').map((name) => trimFws(name).toLowerCase())
  if (names.length > limits.signedFields) return err({ kind: 'too-many-signed-fields' })
  if (!names.every((name) => FIELD_NAME.test(name))) return err({ kind: 'bad-signed-fields' })
  return names.includes('from') ? ok(names) : err({ kind: 'from-not-signed' })
}

function parseNumber(tag: Tag | undefined): number | undefined | 'bad' {
  if (tag === undefined) return undefined
  const value = NUMBER.test(tag.value) ? Number(tag.value) : Number.NaN
  return Number.isSafeInteger(value) ? value : 'bad'
}

// dkim-quoted-printable = *( FWS / hex-octet / dkim-safe-char )      RFC 6376 §2.11
function decodeDqp(text: string): string | undefined {
  if (!DQP.test(text)) return undefined
  return text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The inverse of `decodeDqp` for text of one character per octet. */
function encodeDqp(text: string): string {
  return text.replace(/[^!-:<>-~]/g, (char) => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

const REQUIRED = ['v', 'a', 'b', 'bh', 'd', 'h', 's'] as const
const DNS_TXT = 'dns/txt'
const MAX_LINE = 76
const BASE64_LINE = 72
const NUMBER = /^[0-9]{1,76}$/
const FIELD_NAME = /^[!-9<-~]{1,256}$/
const DQP = /^(?:[!-:<>-~\x80-\xff]|=[0-9A-F]{2})*$/
