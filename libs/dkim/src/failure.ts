// Why a signature gives no identity, and the word for it in Authentication-Results.
// RFC 6376 §6.1 (PERMFAIL, TEMPFAIL), RFC 8601 §2.7.1 (result words), RFC 8301 §3 (algorithms and key sizes)

import type { KeyRecordError } from './key-record.ts'
import type { SignatureError } from './signature.ts'

export type DkimFailure =
  | SignatureError
  | KeyRecordError
  | {
      readonly kind:
        | 'signature-wrong'
        | 'body-changed'
        | 'body-shorter-than-signed'
        | 'body-partly-signed'
        | 'from-partly-signed'
        | 'rsa-sha1'
        | 'expired'
        | 'signed-in-the-future'
        | 'no-key'
        | 'several-keys'
        | 'too-many-key-records'
        | 'key-unavailable'
        | 'key-revoked'
        | 'key-type-mismatch'
        | 'key-hash-mismatch'
        | 'key-service-mismatch'
        | 'auid-not-domain'
    }
  | { readonly kind: 'key-too-short' | 'key-too-long'; readonly bits: number }

export type FailureWord = 'fail' | 'policy' | 'temperror' | 'permerror'

/** What is not listed here is `permerror`: nobody could have verified it. */
export function failureWord(failure: DkimFailure): FailureWord {
  return WORDS[failure.kind] ?? 'permerror'
}

const WORDS: { readonly [kind in DkimFailure['kind']]?: FailureWord } = {
  'signature-wrong': 'fail',
  'body-changed': 'fail',
  expired: 'fail',
  'signed-in-the-future': 'policy',
  'body-partly-signed': 'policy',
  'from-partly-signed': 'policy',
  'rsa-sha1': 'policy',
  'key-too-short': 'policy',
  'key-too-long': 'policy',
  'key-unavailable': 'temperror',
}
