// EDNS(0): the OPT record as part of the message's header, and its options. Of each kind the first option counts.
// RFC 6891 §6 (OPT), RFC 5001 §2 (NSID), RFC 7828 §3 (keepalive), RFC 7830 §3 and RFC 8467 §4.1 (padding)

import { err, ok, type Result } from '@scop/result'
import type { EdnsOption } from './rr/opt.ts'

export type Edns = {
  /** What the sender can take by UDP. */
  readonly udpOctets: number
  readonly version: number
  /** The DO bit: the sender understands DNSSEC. RFC 3225 §3 */
  readonly dnssecOk: boolean
  readonly options: readonly EdnsOption[]
}

/** The registry "DNS EDNS0 Option Codes". */
export const OPTION = {
  LLQ: 1,
  UPDATE_LEASE: 2,
  NSID: 3,
  DAU: 5,
  DHU: 6,
  N3U: 7,
  CLIENT_SUBNET: 8,
  EXPIRE: 9,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  CHAIN: 13,
  KEY_TAG: 14,
  EXTENDED_ERROR: 15,
  CLIENT_TAG: 16,
  SERVER_TAG: 17,
  REPORT_CHANNEL: 18,
  ZONEVERSION: 19,
} as const

/** To a multiple of how many octets a message is padded. RFC 8467 §4.1 */
export const PADDING_BLOCK = { query: 128, response: 468 } as const

export type KeepaliveError = { readonly kind: 'keepalive-length'; readonly octets: number }

/** The octets of the first option of this code. */
export function findOption(edns: Edns | undefined, code: number): Uint8Array | undefined {
  return edns?.options.find((option) => option.code === code)?.octets
}

/** What a client sends to ask for the server's identifier; a server answers with `{ code: OPTION.NSID, octets }`. */
export const NSID_REQUEST: EdnsOption = { code: OPTION.NSID, octets: new Uint8Array(0) }

/** Milliseconds that the connection may be idle: from a server, rounded down to tenths of a second; `undefined` from a client. */
export function encodeKeepalive(idleMs: number | undefined): EdnsOption {
  if (idleMs === undefined) return { code: OPTION.TCP_KEEPALIVE, octets: new Uint8Array(0) }
  const tenths = Math.min(Math.floor(idleMs / 100), 0xffff)
  return { code: OPTION.TCP_KEEPALIVE, octets: Uint8Array.of(tenths >>> 8, tenths) }
}

/** Milliseconds; `undefined` where there are none, as in a request. */
export function decodeKeepalive(octets: Uint8Array): Result<number | undefined, KeepaliveError> {
  if (octets.length === 0) return ok(undefined)
  if (octets.length !== 2) return err({ kind: 'keepalive-length', octets: octets.length })
  return ok(100 * (((octets[0] ?? 0) << 8) | (octets[1] ?? 0)))
}

/** The option that fills a message of `octets`, with OPT but without this option, up to a multiple of `block`, or to `max`. */
export function paddingOption(octets: number, block: number, max: number): EdnsOption | undefined {
  const least = octets + OPTION_HEAD
  if (least > max) return undefined
  const whole = Math.min(Math.ceil(least / block) * block, max)
  return { code: OPTION.PADDING, octets: new Uint8Array(whole - least) }
}

export const OPTION_HEAD = 4
