// What a server keeps of a SCRAM password, and the arithmetic on it. Who steals StoredKey can check guesses,
// and can impersonate the server with ServerKey, but cannot log in.
// RFC 5802 §3 (algorithm), §9 (security); RFC 7677 §3-4 (SHA-256)

import { createHmac, hash, pbkdf2, timingSafeEqual } from 'node:crypto'
import { encodeUtf8 } from '@scop/octets'

/** For SHA-256: both keys are 32 octets. */
export type ScramCredentials = {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** From a password that `preparePassword` has made. Costs `iterations` rounds of HMAC-SHA-256, off the main thread. */
export async function deriveScramCredentials(
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<ScramCredentials> {
  const saltedPassword = await saltPassword(password, salt, iterations)
  return {
    salt,
    iterations,
    storedKey: sha256(hmac(saltedPassword, CLIENT_KEY)),
    serverKey: hmac(saltedPassword, SERVER_KEY),
  }
}

/** ServerSignature if `clientProof` proves the password over `authMessage`; `undefined` if not. Constant time. */
export function verifyScramProof(
  credentials: Pick<ScramCredentials, 'storedKey' | 'serverKey'>,
  authMessage: Uint8Array,
  clientProof: Uint8Array,
): Uint8Array | undefined {
  if (clientProof.length !== SHA256_OCTETS || credentials.storedKey.length !== SHA256_OCTETS) return undefined
  const clientKey = xor(clientProof, hmac(credentials.storedKey, authMessage))
  if (!timingSafeEqual(sha256(clientKey), credentials.storedKey)) return undefined
  return hmac(credentials.serverKey, authMessage)
}

/** For a username that does not exist: from a secret of the server, so that it stays the same and cannot be told from a real one. */
export function fakeScramSalt(secret: Uint8Array, username: string, octets: number): Uint8Array {
  if (octets > SHA256_OCTETS) throw new Error(`Cannot make a fake salt of ${octets} octets: at most ${SHA256_OCTETS}`)
  return hmac(secret, encodeUtf8(username)).subarray(0, octets)
}

/** The client's half: ClientProof, and the ServerSignature that the server must answer. */
export async function proveScram(
  password: string,
  salt: Uint8Array,
  iterations: number,
  authMessage: Uint8Array,
): Promise<{ readonly clientProof: Uint8Array; readonly serverSignature: Uint8Array }> {
  const saltedPassword = await saltPassword(password, salt, iterations)
  const clientKey = hmac(saltedPassword, CLIENT_KEY)
  const clientSignature = hmac(sha256(clientKey), authMessage)
  return {
    clientProof: xor(clientKey, clientSignature),
    serverSignature: hmac(hmac(saltedPassword, SERVER_KEY), authMessage),
  }
}

// Hi(str, salt, i) = PBKDF2 with HMAC      RFC 5802 §2.2
function saltPassword(password: string, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    pbkdf2(encodeUtf8(password), salt, iterations, SHA256_OCTETS, 'sha256', (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

function hmac(key: Uint8Array, text: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(octets: Uint8Array): Uint8Array {
  return hash('sha256', octets, 'buffer')
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((octet, i) => octet ^ (b[i] ?? 0))
}

const SHA256_OCTETS = 32
const CLIENT_KEY = encodeUtf8('Client Key')
const SERVER_KEY = encodeUtf8('Server Key')
