// The questions that the server side asks: it never holds a verifier itself, so whoever takes over the
// process that speaks to strangers finds none. RFC 5802 §5 (what a SCRAM server must know)

import type { Result } from '@scop/result'

/**
 * Answers for the accounts. Usernames are prepared (`prepareUsername`), passwords too (`preparePassword`).
 * Answers for users that do not exist must look and cost the same as for those that do.
 */
export interface Authenticator {
  /** The identity (the account's one name) that this username and password prove. */
  verifyPassword(username: string, password: string): Promise<Result<string, Refusal>>
  /** For a username that does not exist: a salt that stays the same, so that names cannot be guessed. */
  scramParameters(username: string): Promise<Result<ScramParameters, Refusal>>
  /** Checks a proof over `authMessage` (RFC 5802 §3). */
  verifyScram(
    username: string,
    authMessage: Uint8Array,
    clientProof: Uint8Array,
  ): Promise<Result<ScramVerified, Refusal>>
}

export type Refusal = { readonly kind: 'invalid-credentials' } | { readonly kind: 'temporary-failure' }

export type ScramParameters = { readonly salt: Uint8Array; readonly iterations: number }

export type ScramVerified = { readonly identity: string; readonly serverSignature: Uint8Array }
