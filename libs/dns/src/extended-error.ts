// Extended errors: why a response is as it is, in a code and a text for people.      RFC 8914 §2, §4

import { decodeUtf8, encodeUtf8 } from '@scop/octets'
import { type Edns, OPTION } from './edns.ts'
import type { EdnsOption } from './rr/opt.ts'

export type ExtendedError = { readonly code: number; readonly text: string }

/** The registry "Extended DNS Error Codes". RFC 8914 §5.2, RFC 9250 §5.3, RFC 9276 §3.2, RFC 9824 §3 */
export const EXTENDED_ERROR = {
  OTHER: 0,
  UNSUPPORTED_DNSKEY_ALGORITHM: 1,
  UNSUPPORTED_DS_DIGEST_TYPE: 2,
  STALE_ANSWER: 3,
  FORGED_ANSWER: 4,
  DNSSEC_INDETERMINATE: 5,
  DNSSEC_BOGUS: 6,
  SIGNATURE_EXPIRED: 7,
  SIGNATURE_NOT_YET_VALID: 8,
  DNSKEY_MISSING: 9,
  RRSIGS_MISSING: 10,
  NO_ZONE_KEY_BIT_SET: 11,
  NSEC_MISSING: 12,
  CACHED_ERROR: 13,
  NOT_READY: 14,
  BLOCKED: 15,
  CENSORED: 16,
  FILTERED: 17,
  PROHIBITED: 18,
  STALE_NXDOMAIN_ANSWER: 19,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
  SIGNATURE_EXPIRED_BEFORE_VALID: 25,
  TOO_EARLY: 26,
  UNSUPPORTED_NSEC3_ITERATIONS_VALUE: 27,
  UNABLE_TO_CONFORM_TO_POLICY: 28,
  SYNTHESIZED: 29,
  INVALID_QUERY_TYPE: 30,
} as const

/** `SIGNATURE_EXPIRED`, or `EDE31` for one without a name here. */
export function formatExtendedErrorCode(code: number): string {
  return NAMES.get(code) ?? `EDE${code}`
}

export function encodeExtendedError(error: ExtendedError): EdnsOption {
  const text = encodeUtf8(error.text)
  const octets = new Uint8Array(2 + text.length)
  octets[0] = error.code >>> 8
  octets[1] = error.code
  octets.set(text, 2)
  return { code: OPTION.EXTENDED_ERROR, octets }
}

/** The extended errors among the options, of which there may be several; those that are cut or not UTF-8 are left out. */
export function extendedErrors(edns: Edns | undefined): readonly ExtendedError[] {
  const errors: ExtendedError[] = []
  for (const { code, octets } of edns?.options ?? []) {
    if (code !== OPTION.EXTENDED_ERROR || octets.length < 2) continue
    const text = decodeUtf8(octets.subarray(2))
    if (text.ok) errors.push({ code: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0), text: withoutNulls(text.value) })
  }
  return errors
}

/** Some servers end the text as C does. */
function withoutNulls(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--
  return text.slice(0, end)
}

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(EXTENDED_ERROR).map(([name, code]) => [code, name]))
