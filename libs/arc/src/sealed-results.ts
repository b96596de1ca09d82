// The ARC-Authentication-Results field: an instance, and behind it what the sealer saw, as Authentication-Results has it.
// RFC 8617 §4.1.1

import { trimFws } from '@scop/dkim'
import { decodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import { parseInstance } from './instance.ts'

export type SealedResults = {
  readonly instance: number
  /** The authserv-id and the results, as text, unfolded. */
  readonly results: string
}

export type SealedResultsError = { readonly kind: 'not-unicode' | 'bad-instance' }

// arc-authres = [CFWS] "i" "=" instance ";" authres-payload
/** Reads the value of the field, as it stands after the colon (folded). */
export function parseSealedResults(value: Uint8Array): Result<SealedResults, SealedResultsError> {
  const text = decodeUtf8(value)
  if (!text.ok) return err({ kind: 'not-unicode' })
  const semicolon = text.value.indexOf(';')
  const head = semicolon < 0 ? text.value : text.value.slice(0, semicolon)
  const equals = head.indexOf('=')
  const instance = parseInstance(trimFws(head.slice(equals + 1)))
  if (equals < 0 || trimFws(head.slice(0, equals)) !== 'i' || instance === undefined)
    return err({ kind: 'bad-instance' })
  const results = semicolon < 0 ? '' : text.value.slice(semicolon + 1)
  return ok({ instance, results: trimFws(results.replace(FOLD, '')) })
}

const FOLD = /\r?\n(?=[ \t])/g
