// The hash of a name, as NSEC3 owners carry it: SHA-1 of the canonical name and the salt, over again for each iteration.
// RFC 5155 §5; who calls it bounds the iterations (RFC 9276 §3.2), for each costs one hash.

import { hash } from 'node:crypto'
import { encodeLatin1 } from '@scop/octets'
import type { Name } from './name.ts'

export type Nsec3Parameters = { readonly iterations: number; readonly salt: Uint8Array }

/** The only hash algorithm there is. RFC 5155 §11 */
export const NSEC3_SHA1 = 1

/** 20 octets. Costs `iterations + 1` hashes. */
export function nsec3Hash(name: Name, { iterations, salt }: Nsec3Parameters): Uint8Array {
  let digest = sha1(encodeLatin1(name.key), salt)
  for (let i = 0; i < iterations; i++) digest = sha1(digest, salt)
  return digest
}

function sha1(octets: Uint8Array, salt: Uint8Array): Uint8Array {
  if (salt.length === 0) return hash('sha1', octets, 'buffer')
  const salted = new Uint8Array(octets.length + salt.length)
  salted.set(octets)
  salted.set(salt, octets.length)
  return hash('sha1', salted, 'buffer')
}
