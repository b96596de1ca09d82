// The messages of a corpus, or of anything else that holds messages: a tar archive (plain, gzip, zstd) or a file each.

import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { decodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { readTar } from './ustar.ts'

export type StoredMail = {
  readonly name: string
  readonly octets: Uint8Array
  /** As the corpus says it, where it does. */
  readonly expected: string | undefined
}

/** The messages of one archive, in order; a `.json` after its `.eml` is what that one means. */
export async function* mailsOfArchive(file: string): AsyncGenerator<StoredMail> {
  let mail: StoredMail | undefined
  for await (const { name, octets } of readTar(decompressed(file))) {
    if (name.endsWith('.json') && mail !== undefined && name === mail.name.replace(/\.eml$/, '.json')) {
      yield { ...mail, expected: expectOk(decodeUtf8(octets), `read ${name} as UTF-8`) }
      mail = undefined
      continue
    }
    if (mail !== undefined) yield mail
    mail = { name, octets, expected: undefined }
  }
  if (mail !== undefined) yield mail
}

export async function* mailsOfFiles(files: Iterable<string>): AsyncGenerator<StoredMail> {
  for (const name of files) yield { name, octets: new Uint8Array(await readFile(name)), expected: undefined }
}

export const isArchive = (file: string): boolean => /\.(?:tar|tar\.gz|tgz|tar\.zst)$/.test(file)

/** A file as it is given, and all files below a directory, by name. */
export async function filesUnder(given: string): Promise<readonly string[]> {
  if (!(await stat(given)).isDirectory()) return [given]
  const entries = await readdir(given, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort()
}

function decompressed(file: string): AsyncIterable<Uint8Array> {
  const octets = createReadStream(file, { highWaterMark: 256 * 1024 })
  const decoder = file.endsWith('.zst') ? createZstdDecompress() : file.endsWith('gz') ? createGunzip() : undefined
  if (decoder === undefined) return octets
  octets.on('error', (error) => decoder.destroy(error))
  return octets.pipe(decoder)
}
