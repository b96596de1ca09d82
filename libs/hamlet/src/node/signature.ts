// The manifest's signature: Ed25519 over its octets (RFC 8032 §5.1), 64 octets in a file beside it, the public key in PEM
// (RFC 8410 §4): `openssl pkeyutl -verify` checks it. The key is the maker's; who trusts it must know it from elsewhere.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { CorpusError } from './corpus.ts'

/** The private key in `file` (PEM). Where `make` is set and there is none, a new one is kept there, for its owner alone. */
export async function signingKey(file: string, make: boolean): Promise<KeyObject> {
  try {
    return ed25519(createPrivateKey(await readFile(file)), file)
  } catch (error) {
    if (error instanceof CorpusError) throw error
    if (!isMissing(error)) {
      if (error instanceof Error && 'syscall' in error) throw error
      throw new CorpusError('bad-key', `${file} holds no private key in PEM`)
    }
    if (!make) throw new CorpusError('bad-key', `There is no key in ${file}`)
  }
  const { privateKey } = generateKeyPairSync('ed25519')
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx', flush: true })
  return privateKey
}

export function signManifest(manifest: Uint8Array, key: KeyObject): Uint8Array {
  return sign(null, manifest, key)
}

export function publicKeyPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

/** Whether `signature` is that of the owner of `publicKey` (PEM) over `manifest`. */
export function isManifestSigned(manifest: Uint8Array, signature: Uint8Array, publicKey: string): boolean {
  try {
    return verify(null, manifest, ed25519(createPublicKey(publicKey), 'the public key'), signature)
  } catch {
    return false // no key, or not of this kind
  }
}

function ed25519(key: KeyObject, where: string): KeyObject {
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new CorpusError('bad-key', `${where} is no Ed25519 key`)
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
