// DNS cookies: a weak proof that the asker is where it says. Server cookies in the form that servers of one address share.
// RFC 7873 §4 (the option), §5.2 (what a server does), RFC 9018 §3, §4 (contents), §5 (new secrets)

import { encodeIpAddress, type IpAddress } from '@scop/identifiers'
import { concatOctets } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { type Edns, findOption, OPTION } from './edns.ts'
import type { EdnsOption } from './rr/opt.ts'
import { isSerialAfter } from './serial.ts'
import { sipHash24 } from './siphash.ts'

export type Cookie = {
  /** Eight octets. */
  readonly client: Uint8Array
  /** 8 to 32 octets; `undefined` where the client knows none yet. */
  readonly server: Uint8Array | undefined
}

export type CookieError = { readonly kind: 'cookie-length'; readonly octets: number }

/** 16 octets each. */
export type CookieSecrets = {
  /** Makes new cookies. */
  readonly signing: Uint8Array
  /** Are taken too: the secret before, and the one to come, which servers of one address have got before any uses it. */
  readonly accepted: readonly Uint8Array[]
}

/** RFC 9018 §4.3 */
export const COOKIE_TIMES = { longestAgeSeconds: 3600, renewAfterSeconds: 1800, aheadSeconds: 300 } as const

/**
 * `valid`; `renew`: valid, but the answer should carry a new one, for this one is half spent or of another secret;
 * `absent`: only a client's half; `invalid`: of another address, secret, version or time.
 */
export type CookieJudgement = 'valid' | 'renew' | 'absent' | 'invalid'

/** The first COOKIE option; `undefined` where there is none. A length that is not allowed is a FORMERR (RFC 7873 §5.2.2). */
export function readCookie(edns: Edns | undefined): Result<Cookie | undefined, CookieError> {
  const octets = findOption(edns, OPTION.COOKIE)
  if (octets === undefined) return ok(undefined)
  return decodeCookie(octets)
}

export function decodeCookie(octets: Uint8Array): Result<Cookie, CookieError> {
  const client = octets.subarray(0, CLIENT_OCTETS)
  if (octets.length === CLIENT_OCTETS) return ok({ client, server: undefined })
  if (octets.length < CLIENT_OCTETS + 8 || octets.length > CLIENT_OCTETS + 32) {
    return err({ kind: 'cookie-length', octets: octets.length })
  }
  return ok({ client, server: octets.subarray(CLIENT_OCTETS) })
}

export function encodeCookie(cookie: Cookie): EdnsOption {
  return { code: OPTION.COOKIE, octets: concatOctets([cookie.client, cookie.server ?? new Uint8Array(0)]) }
}

/** The server's half for this client, as of `now` (seconds since 1970). */
export function makeServerCookie(client: Uint8Array, address: IpAddress, secret: Uint8Array, now: number): Uint8Array {
  const head = new Uint8Array(8)
  head[0] = VERSION
  new DataView(head.buffer).setUint32(4, now)
  return concatOctets([head, hashOf(client, head, address, secret)])
}

/** What the cookie of a request says. RFC 9018 §4.3 */
export function checkCookie(cookie: Cookie, address: IpAddress, secrets: CookieSecrets, now: number): CookieJudgement {
  const { client, server } = cookie
  if (server === undefined) return 'absent'
  if (server.length !== SERVER_OCTETS || server[0] !== VERSION) return 'invalid'
  const made = new DataView(server.buffer, server.byteOffset, SERVER_OCTETS).getUint32(4)
  const clock = now >>> 0
  const { longestAgeSeconds, renewAfterSeconds, aheadSeconds } = COOKIE_TIMES
  const tooOld = isSerialAfter((clock - longestAgeSeconds) >>> 0, made)
  const tooNew = isSerialAfter(made, (clock + aheadSeconds) >>> 0)
  if (tooOld || tooNew) return 'invalid'
  const head = server.subarray(0, 8)
  const hash = server.subarray(8)
  if (equalInConstantTime(hash, hashOf(client, head, address, secrets.signing))) {
    return isSerialAfter((clock - renewAfterSeconds) >>> 0, made) ? 'renew' : 'valid'
  }
  let known = false
  for (const secret of secrets.accepted) {
    if (equalInConstantTime(hash, hashOf(client, head, address, secret))) known = true
  }
  return known ? 'renew' : 'invalid'
}

/** The client's half: another for each server and for each address of ours, so that none can be used to follow us. RFC 9018 §3 */
export function makeClientCookie(server: IpAddress, ours: IpAddress | undefined, secret: Uint8Array): Uint8Array {
  const own = ours === undefined ? new Uint8Array(0) : encodeIpAddress(ours)
  return sipHash24(secret, concatOctets([own, encodeIpAddress(server)]))
}

function hashOf(client: Uint8Array, head: Uint8Array, address: IpAddress, secret: Uint8Array): Uint8Array {
  return sipHash24(secret, concatOctets([client, head, encodeIpAddress(address)]))
}

function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (const [i, octet] of b.entries()) difference |= octet ^ (a[i] ?? 0)
  return difference === 0
}

const VERSION = 1
const CLIENT_OCTETS = 8
const SERVER_OCTETS = 16
