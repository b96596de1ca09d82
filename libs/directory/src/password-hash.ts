// Argon2id hashes in the PHC string form: what PLAIN passwords are checked against.
// RFC 9106 §3.1 (parameters), §4 (choice); PHC string format

import { argon2, timingSafeEqual } from 'node:crypto'
import { encodeUtf8 } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'
import type { Argon2Cost } from './limits.ts'

export type PasswordHash = Argon2Cost & { readonly salt: Uint8Array; readonly hash: Uint8Array }

export type PasswordHashError = { readonly kind: 'bad-password-hash' }

/** Costs memory and time off the main thread. `salt` has 16 octets. */
export async function hashPassword(password: string, salt: Uint8Array, cost: Argon2Cost): Promise<PasswordHash> {
  return { ...cost, salt, hash: await argon2id(password, salt, cost, HASH_OCTETS) }
}

/** Constant time in what the password is. */
export async function verifyPasswordHash(password: string, expected: PasswordHash): Promise<boolean> {
  const hash = await argon2id(password, expected.salt, expected, expected.hash.length)
  return timingSafeEqual(hash, expected.hash)
}

// $argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>, base64 without padding
export function parsePasswordHash(text: string): Result<PasswordHash, PasswordHashError> {
  const match = PHC.exec(text)
  const [memoryKibibytes, passes, parallelism] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])]
  const [salt, hash] = [decode(match?.[4] ?? ''), decode(match?.[5] ?? '')]
  const fits =
    memoryKibibytes >= 8 * parallelism &&
    memoryKibibytes <= MOST_KIBIBYTES &&
    passes <= MOST_PASSES &&
    parallelism <= MOST_LANES
  if (!fits || !between(8, salt.length, 64) || !between(16, hash.length, 64)) return err({ kind: 'bad-password-hash' })
  const parsed = { memoryKibibytes, passes, parallelism, salt, hash }
  return formatPasswordHash(parsed) === text ? ok(parsed) : err({ kind: 'bad-password-hash' })
}

export function formatPasswordHash({ memoryKibibytes, passes, parallelism, salt, hash }: PasswordHash): string {
  return `$argon2id$v=19$m=${memoryKibibytes},t=${passes},p=${parallelism}$${encode(salt)}$${encode(hash)}`
}

function argon2id(password: string, nonce: Uint8Array, cost: Argon2Cost, tagLength: number): Promise<Uint8Array> {
  const { memoryKibibytes: memory, passes, parallelism } = cost
  return new Promise((resolve, reject) => {
    argon2(
      'argon2id',
      { message: encodeUtf8(password), nonce, memory, passes, parallelism, tagLength },
      (error, tag) => (error === null ? resolve(tag) : reject(error)),
    )
  })
}

const between = (least: number, value: number, most: number): boolean => value >= least && value <= most
const encode = (octets: Uint8Array): string => octets.toBase64({ omitPadding: true })

function decode(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text)
  } catch {
    return new Uint8Array(0)
  }
}

const HASH_OCTETS = 32
const MOST_KIBIBYTES = 1024 * 1024 // whoever writes the repository must not stop the server with one login
const MOST_PASSES = 100
const MOST_LANES = 16
const PHC =
  /^\$argon2id\$v=19\$m=([1-9][0-9]{0,6}),t=([1-9][0-9]{0,2}),p=([1-9][0-9]?)\$([A-Za-z0-9+/]{1,128})\$([A-Za-z0-9+/]{1,128})$/
