// EDNS(0): the OPT record as part of the message's header, and the extended errors that it carries.
// RFC 6891 §6 (OPT), RFC 8914 §2 (extended errors)

import { decodeUtf8, encodeUtf8 } from '@scop/octets'
import type { EdnsOption } from './rr/opt.ts'

export type Edns = {
  /** What the sender can take by UDP. */
  readonly udpOctets: number
  readonly version: number
  /** The DO bit: the sender understands DNSSEC. RFC 3225 §3 */
  readonly dnssecOk: boolean
  readonly options: readonly EdnsOption[]
}

export type ExtendedError = { readonly code: number; readonly text: string }

/** Codes of RFC 8914 §4 that this library gives. */
export const EXTENDED_ERROR = { OTHER: 0, PROHIBITED: 18, NOT_AUTHORITATIVE: 20, NOT_SUPPORTED: 21 } as const

export function encodeExtendedError(error: ExtendedError): EdnsOption {
  const text = encodeUtf8(error.text)
  const octets = new Uint8Array(2 + text.length)
  octets[0] = error.code >>> 8
  octets[1] = error.code
  octets.set(text, 2)
  return { code: OPTION_EDE, octets }
}

/** The extended errors among the options; those that are cut or not UTF-8 are left out. */
export function extendedErrors(edns: Edns | undefined): readonly ExtendedError[] {
  const errors: ExtendedError[] = []
  for (const { code, octets } of edns?.options ?? []) {
    if (code !== OPTION_EDE || octets.length < 2) continue
    const text = decodeUtf8(octets.subarray(2))
    if (text.ok) errors.push({ code: ((octets[0] ?? 0) << 8) | (octets[1] ?? 0), text: text.value.replace(/\0+$/, '') })
  }
  return errors
}

const OPTION_EDE = 15
