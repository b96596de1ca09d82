// The manifest of a corpus, believed only after its signature; and the digests of what it lists.

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { sha256Hex } from '../expected.ts'
import { CorpusError, MANIFEST_FILE, type Manifest, parseManifest, PUBLIC_KEY_FILE, SIGNATURE_FILE } from './corpus.ts'
import { hashFile } from './hash-file.ts'
import { isManifestSigned } from './signature.ts'

export type ReadCorpus = { readonly manifest: Manifest; readonly manifestSha256: string; readonly publicKey: string }

/** The manifest. `publicKey` (PEM) is whose signature it must have; the corpus's own says only that nothing was damaged. */
export async function readCorpus(directory: string, publicKey?: string): Promise<ReadCorpus> {
  const octets = await readFile(path.join(directory, MANIFEST_FILE))
  const signature = await readFile(path.join(directory, SIGNATURE_FILE))
  const key = publicKey ?? (await readFile(path.join(directory, PUBLIC_KEY_FILE), 'utf8'))
  if (!isManifestSigned(octets, signature, key)) {
    throw new CorpusError('bad-signature', `${MANIFEST_FILE} is not signed by this key`)
  }
  return { manifest: parseManifest(octets.toString('utf8')), manifestSha256: sha256Hex(octets), publicKey: key }
}

/** Names of the listed texts (not shards) whose content is not what the manifest says. */
export async function damagedTexts(directory: string, { files }: Manifest): Promise<readonly string[]> {
  const damaged: string[] = []
  for (const { name, sha256 } of files) {
    const found = await hashFile(path.join(directory, name)).catch(() => undefined)
    if (found !== sha256) damaged.push(name)
  }
  return damaged
}
