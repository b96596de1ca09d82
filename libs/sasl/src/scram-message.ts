// The four messages of SCRAM, read strictly and written back the same. A parsed message keeps the text that
// the proof covers, so nothing is ever signed that was not received.
// RFC 5802 §5.1 (attributes), §7 (grammar)

import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { Limits } from './limits.ts'
import { malformed, type SyntaxFailure, tooLong } from './syntax-failure.ts'

export type Gs2Header = {
  /** `n`: the client cannot bind; `y`: it could, and believes that the server cannot; else the type it binds to. */
  readonly binding: 'n' | 'y' | { readonly type: string }
  readonly authorizationIdentity?: string
}

export type ClientFirst = {
  readonly header: Gs2Header
  readonly username: string
  readonly nonce: string
  /** Attributes after the nonce, as they stand. */
  readonly extensions: readonly string[]
}

export type ServerFirst = {
  readonly nonce: string
  readonly salt: Uint8Array
  readonly iterations: number
  readonly extensions: readonly string[]
}

export type ClientFinal = {
  /** GS2 header and channel binding data. */
  readonly channelBinding: Uint8Array
  readonly nonce: string
  readonly extensions: readonly string[]
  readonly proof: Uint8Array
}

export type ServerFinal =
  | { readonly kind: 'verifier'; readonly signature: Uint8Array; readonly extensions: readonly string[] }
  | { readonly kind: 'error'; readonly error: string; readonly extensions: readonly string[] }

type Parsed<T> = Result<T, SyntaxFailure>

// client-first-message = gs2-header client-first-message-bare
// client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
export function parseClientFirst(octets: Uint8Array, limits: Limits): Parsed<ClientFirst> {
  const parts = attributes(octets, limits)
  if (!parts.ok) return parts
  const [flag = '', authzid = '', ...bare] = parts.value
  const header = parseGs2Header(flag, authzid, limits)
  if (!header.ok) return header
  if (isMandatory(bare[0])) return UNSUPPORTED
  const username = parseSaslName('username', value(bare.shift(), 'n'), limits)
  if (!username.ok) return username
  const nonce = parseNonce(bare.shift(), limits.nonceCharacters)
  if (!nonce.ok) return nonce
  const extensions = parseExtensions(bare)
  if (!extensions.ok) return extensions
  return ok({
    header: header.value,
    username: username.value,
    nonce: nonce.value,
    extensions: extensions.value,
  })
}

export function formatClientFirst(message: ClientFirst): Uint8Array {
  const bare = [`n=${formatSaslName(message.username)}`, `r=${message.nonce}`, ...message.extensions].join(',')
  return encodeUtf8(`${formatGs2Header(message.header)}${bare}`)
}

/** `client-first-message-bare` of a message that `parseClientFirst` accepted: what follows the second comma. */
export function clientFirstBare(octets: Uint8Array): Uint8Array {
  return octets.subarray(octets.indexOf(COMMA, octets.indexOf(COMMA) + 1) + 1)
}

// gs2-header = gs2-cbind-flag "," [ authzid ] ","
export function formatGs2Header(header: Gs2Header): string {
  const flag = typeof header.binding === 'string' ? header.binding : `p=${header.binding.type}`
  const authzid = header.authorizationIdentity
  return `${flag},${authzid === undefined ? '' : `a=${formatSaslName(authzid)}`},`
}

// server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
export function parseServerFirst(octets: Uint8Array, limits: Limits): Parsed<ServerFirst> {
  const parts = attributes(octets, limits)
  if (!parts.ok) return parts
  const rest = [...parts.value]
  if (isMandatory(rest[0])) return UNSUPPORTED
  const nonce = parseNonce(rest.shift(), 2 * limits.nonceCharacters)
  if (!nonce.ok) return nonce
  const salt = parseBase64('salt', value(rest.shift(), 's'))
  if (!salt.ok) return salt
  if (salt.value.length === 0) return malformed('empty salt')
  if (salt.value.length > limits.saltOctets) return tooLong('salt', salt.value.length, limits.saltOctets)
  const iterations = value(rest.shift(), 'i') ?? ''
  if (!POSITIVE_NUMBER.test(iterations)) return malformed('no iteration count')
  const extensions = parseExtensions(rest)
  if (!extensions.ok) return extensions
  return ok({
    nonce: nonce.value,
    salt: salt.value,
    iterations: Number(iterations),
    extensions: extensions.value,
  })
}

export function formatServerFirst(message: ServerFirst): Uint8Array {
  const attributes = [`r=${message.nonce}`, `s=${encodeBase64(message.salt)}`, `i=${message.iterations}`]
  return encodeUtf8([...attributes, ...message.extensions].join(','))
}

// client-final-message = channel-binding "," nonce ["," extensions] "," proof
export function parseClientFinal(octets: Uint8Array, limits: Limits): Parsed<ClientFinal> {
  const parts = attributes(octets, limits)
  if (!parts.ok) return parts
  const rest = [...parts.value]
  const channelBinding = parseBase64('channel binding', value(rest.shift(), 'c'))
  if (!channelBinding.ok) return channelBinding
  const nonce = parseNonce(rest.shift(), 2 * limits.nonceCharacters)
  if (!nonce.ok) return nonce
  const proof = parseBase64('proof', value(rest.pop(), 'p'))
  if (!proof.ok) return proof
  const extensions = parseExtensions(rest)
  if (!extensions.ok) return extensions
  return ok({
    channelBinding: channelBinding.value,
    nonce: nonce.value,
    extensions: extensions.value,
    proof: proof.value,
  })
}

export function formatClientFinal(message: ClientFinal): Uint8Array {
  return encodeUtf8(`${formatClientFinalWithoutProof(message)},p=${encodeBase64(message.proof)}`)
}

export function formatClientFinalWithoutProof(message: Omit<ClientFinal, 'proof'>): string {
  return [`c=${encodeBase64(message.channelBinding)}`, `r=${message.nonce}`, ...message.extensions].join(',')
}

/** `client-final-message-without-proof` of a message that `parseClientFinal` accepted: what precedes the last comma. */
export function clientFinalWithoutProof(octets: Uint8Array): Uint8Array {
  return octets.subarray(0, octets.lastIndexOf(COMMA))
}

// server-final-message = (server-error / verifier) ["," extensions]
export function parseServerFinal(octets: Uint8Array, limits: Limits): Parsed<ServerFinal> {
  const parts = attributes(octets, limits)
  if (!parts.ok) return parts
  const [outcome, ...rest] = parts.value
  const extensions = parseExtensions(rest)
  if (!extensions.ok) return extensions
  const error = value(outcome, 'e')
  if (error !== undefined) {
    if (error === '') return malformed('empty error')
    return ok({ kind: 'error', error, extensions: extensions.value })
  }
  const signature = parseBase64('verifier', value(outcome, 'v'))
  if (!signature.ok) return signature
  return ok({ kind: 'verifier', signature: signature.value, extensions: extensions.value })
}

export function formatServerFinal(message: ServerFinal): Uint8Array {
  const outcome = message.kind === 'error' ? `e=${message.error}` : `v=${encodeBase64(message.signature)}`
  return encodeUtf8([outcome, ...message.extensions].join(','))
}

// gs2-cbind-flag = ("p=" cb-name) / "n" / "y"      cb-name = 1*(ALPHA / DIGIT / "." / "-")
function parseGs2Header(flag: string, authzid: string, limits: Limits): Parsed<Gs2Header> {
  const type = value(flag, 'p')
  if (flag !== 'n' && flag !== 'y' && !BINDING_NAME.test(type ?? '')) return malformed('no GS2 header')
  const binding = flag === 'n' || flag === 'y' ? flag : { type: type ?? '' }
  if (authzid === '') return ok({ binding })
  const name = parseSaslName('authorization identity', value(authzid, 'a'), limits)
  return name.ok ? ok({ binding, authorizationIdentity: name.value }) : name
}

// saslname = 1*(value-safe-char / "=2C" / "=3D")
function parseSaslName(what: string, text: string | undefined, limits: Limits): Parsed<string> {
  if (text === undefined || text === '') return malformed(`no ${what}`)
  if (BAD_ESCAPE.test(text)) return malformed(`"=" in ${what} is neither =2C nor =3D`)
  const name = text.replaceAll('=2C', ',').replaceAll('=3D', '=')
  const octets = encodeUtf8(name).length
  return octets > limits.nameOctets ? tooLong(what, octets, limits.nameOctets) : ok(name)
}

function formatSaslName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

// nonce = "r=" 1*printable
function parseNonce(attribute: string | undefined, limit: number): Parsed<string> {
  const nonce = value(attribute, 'r')
  if (nonce === undefined || !PRINTABLE.test(nonce)) return malformed('no nonce')
  return nonce.length > limit ? tooLong('nonce', nonce.length, limit) : ok(nonce)
}

function parseBase64(what: string, text: string | undefined): Parsed<Uint8Array> {
  if (text === undefined) return malformed(`no ${what}`)
  const octets = decodeBase64(text)
  return octets.ok ? octets : malformed(`${what} is not base64`)
}

// extensions = attr-val *("," attr-val)      attr-val = ALPHA "=" 1*value-char
function parseExtensions(parts: readonly string[]): Parsed<readonly string[]> {
  for (const part of parts) {
    if (isMandatory(part)) return UNSUPPORTED
    if (!ATTRIBUTE.test(part)) return malformed('attribute expected')
  }
  return ok(parts)
}

// reserved-mext = "m=" 1*(value-char): whoever does not know the extension must fail      RFC 5802 §5.1
function isMandatory(attribute: string | undefined): boolean {
  return attribute?.startsWith('m=') ?? false
}

function value(attribute: string | undefined, name: string): string | undefined {
  return attribute?.startsWith(`${name}=`) ? attribute.slice(2) : undefined
}

function attributes(octets: Uint8Array, limits: Limits): Parsed<readonly string[]> {
  if (octets.length > limits.messageOctets) return tooLong('message', octets.length, limits.messageOctets)
  const text = decodeUtf8(octets)
  if (!text.ok) return malformed('not UTF-8')
  if (text.value.includes('\0')) return malformed('NUL')
  return ok(text.value.split(','))
}

const UNSUPPORTED: Parsed<never> = err({ kind: 'unsupported-extension' })
const COMMA = 0x2c
const PRINTABLE = /^[!-+\--~]+$/
const POSITIVE_NUMBER = /^[1-9][0-9]{0,9}$/
const BINDING_NAME = /^[A-Za-z0-9.-]+$/
const BAD_ESCAPE = /=(?!2C|3D)/
const ATTRIBUTE = /^[A-Za-z]=./su
