// The DNSSEC keys on disk: for each zone a folder with the private keys as PKCS#8 PEM (mode 600) and `states.json`, which
// says what they are for. A file is there whole or not at all, and it is durable before anybody hears of what is in it.
// O_SYNC and not fsync, which Node's permission model forbids.      RFC 5958

import { closeSync, constants, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { formatName, type Name } from '@scop/dns'
import {
  formatPrivateKey,
  keyId,
  type KeyId,
  parsePrivateKey,
  type SigningKey,
  signingKey,
  type SigningKeyError,
  type ZoneKeyState,
} from '@scop/dnssec'
import { err, type Result } from '@scop/result'

export type KeyFiles = {
  readKey(origin: Name, key: Pick<ZoneKeyState, 'id' | 'dnskey'>): Result<SigningKey, KeyFilesError>
  /** Throws if the disk does not take it. */
  writeKey(origin: Name, key: SigningKey): void
  /** For a key that is of no use any more. */
  removeKey(origin: Name, id: KeyId): void
  /** What `zone` was given to keep under this name; `undefined` if nothing was. */
  readText(origin: Name, name: TextName): string | undefined
  writeText(origin: Name, name: TextName, text: string): void
  removeText(origin: Name, name: TextName): void
}

/** `states`: the keys and where they are in their lives. `algorithm`: one chosen by command over that of the policy. */
export type TextName = 'states' | 'algorithm'

export type KeyFilesError = SigningKeyError | { readonly kind: 'no-such-file' }

export function openKeyFiles(directory: string): KeyFiles {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const place = (origin: Name, file: string): string => path.join(directory, folderName(origin), file)
  const read = (file: string): string | undefined => {
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }
  const write = (origin: Name, file: string, text: string): void => {
    mkdirSync(path.join(directory, folderName(origin)), { recursive: true, mode: 0o700 })
    writeDurably(place(origin, file), text)
  }
  return {
    readKey: (origin, { id, dnskey }) => {
      const pem = read(place(origin, `${id}.pem`))
      if (pem === undefined) return err({ kind: 'no-such-file' })
      const privateKey = parsePrivateKey(pem)
      if (!privateKey.ok) return privateKey
      const key = signingKey(privateKey.value, dnskey.algorithm, dnskey.flags)
      return key.ok && keyId(key.value.dnskey) !== id ? err({ kind: 'parts-differ' }) : key
    },
    writeKey: (origin, key) => write(origin, `${keyId(key.dnskey)}.pem`, formatPrivateKey(key.privateKey)),
    removeKey: (origin, id) => rmSync(place(origin, `${id}.pem`), { force: true }),
    readText: (origin, name) => read(place(origin, `${name}.json`)),
    writeText: (origin, name, text) => write(origin, `${name}.json`, text),
    removeText: (origin, name) => rmSync(place(origin, `${name}.json`), { force: true }),
  }
}

/** `one.example` as it is; what no file system likes is written `%2f`; the root is `@`. */
export function folderName(origin: Name): string {
  const text = formatName(origin).toLowerCase().replace(/\.$/, '')
  if (text === '') return '@'
  const safe = text.replace(/[^a-z0-9._-]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return safe.startsWith('.') ? `%2e${safe.slice(1)}` : safe
}

/** The same octets are written once more through the same file: that takes its new name to the disk as well. */
function writeDurably(file: string, text: string): void {
  const octets = Buffer.from(text)
  const beside = `${file}.new`
  rmSync(beside, { force: true }) // left by a kill
  const handle = openSync(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_SYNC, 0o600)
  try {
    writeSync(handle, octets, 0, octets.length, 0)
    renameSync(beside, file)
    writeSync(handle, octets, 0, octets.length, 0)
  } finally {
    closeSync(handle)
  }
}
