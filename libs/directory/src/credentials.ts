// Credentials: made once from a password, asked often. Every question costs the same whether the account exists or not.
// RFC 5802 §9, RFC 9106; RFC 8265 §4.2 (passwords are prepared by the caller)

import { hash } from 'node:crypto'
import { concatOctets, encodeUtf8 } from '@scop/octets'
import {
  deriveScramCredentials,
  fakeScramSalt,
  type ScramCredentials,
  type ScramParameters,
  verifyScramProof,
} from '@scop/sasl'
import type { Address } from './address.ts'
import type { Limits } from './limits.ts'
import { hashPassword, verifyPasswordHash } from './password-hash.ts'
import type { Account, Credentials } from './record.ts'

/** `salts` has two times 16 random octets. */
export async function makeCredentials(password: string, salts: Uint8Array, limits: Limits): Promise<Credentials> {
  const [scram, argon2id] = await Promise.all([
    deriveScramCredentials(password, salts.slice(0, SALT_OCTETS), limits.scramIterations),
    hashPassword(password, salts.slice(SALT_OCTETS, 2 * SALT_OCTETS), limits.argon2),
  ])
  return { scram, argon2id }
}

/** For an account that does not exist: as much work, and no. */
export async function checkPassword(account: Account | undefined, password: string, limits: Limits): Promise<boolean> {
  const expected = account?.credentials.argon2id ?? { ...limits.argon2, salt: DUMMY_SALT, hash: DUMMY_HASH }
  const matches = await verifyPasswordHash(password, expected)
  return matches && account !== undefined
}

/** For an account that does not exist: a salt that stays the same. `name` is what was asked for. */
export function scramParametersOf(
  account: Account | undefined,
  name: string,
  secret: Uint8Array,
  limits: Limits,
): ScramParameters {
  const fake = { salt: fakeScramSalt(secret, name, SALT_OCTETS), iterations: limits.scramIterations }
  const { salt, iterations } = account?.credentials.scram ?? fake
  return { salt, iterations }
}

/** ServerSignature, or `undefined` where the proof is wrong or there is no such account. */
export function checkScramProof(
  account: Account | undefined,
  authMessage: Uint8Array,
  clientProof: Uint8Array,
): Uint8Array | undefined {
  const signature = verifyScramProof(account?.credentials.scram ?? DUMMY_KEYS, authMessage, clientProof)
  return account === undefined ? undefined : signature
}

/** The name under which fake salts are kept: the address where it is one, so that all its spellings get the same salt. */
export function saltName(username: string, address: Address | undefined): string {
  return address ?? hash('sha256', concatOctets([encodeUtf8('not an address: '), encodeUtf8(username)]), 'hex')
}

const SALT_OCTETS = 16
const DUMMY_SALT = new Uint8Array(SALT_OCTETS)
const DUMMY_HASH = new Uint8Array(32)
const DUMMY_KEYS: Pick<ScramCredentials, 'storedKey' | 'serverKey'> = {
  storedKey: new Uint8Array(32),
  serverKey: new Uint8Array(32),
}
