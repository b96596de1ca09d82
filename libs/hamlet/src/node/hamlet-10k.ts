// hamlet-10k: ten thousand messages small enough for a package, chosen from the grammar and the realistic profile: every message
// up to a size, and of larger ones those that show a production which no earlier message had. The choice depends on the
// generator alone, so its digest is pinned, and the archive is made where a package is.

import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { encodeUtf8 } from '@scop/octets'
import { expectedOf, formatExpected } from '../expected.ts'
import { type GeneratedMail, generateMail, type Profile } from '../index.ts'
import { mailName } from './corpus.ts'
import { encodeTarFile, TAR_END } from './ustar.ts'

export const HAMLET_10K = { count: 10_000, seed: 10_000, mailOctets: 1200, showingOctets: 32 * 1024 } as const

export type ChosenMail = { readonly mail: GeneratedMail; readonly profile: Profile; readonly index: number }

/** The first `count` of the choice, in order. */
export function* chooseMails(count: number = HAMLET_10K.count): Generator<ChosenMail> {
  const seen = new Set<string>()
  let chosen = 0
  for (let index = 0; chosen < count; index++) {
    const profile = index % REALISTIC === REALISTIC - 1 ? 'realistic' : 'grammar'
    const mail = generateMail(HAMLET_10K.seed, index, profile)
    const shows = mail.octets.length <= HAMLET_10K.showingOctets && hasNew(mail, seen)
    if (mail.octets.length > HAMLET_10K.mailOctets && !shows) continue
    for (const production of mail.productions.keys()) seen.add(production)
    chosen++
    yield { mail, profile, index }
  }
}

/** The archive, as a corpus has it: messages with their expected forms. */
export function* hamlet10kTar(count: number = HAMLET_10K.count): Generator<Uint8Array> {
  let place = 0
  for (const { mail } of chooseMails(count)) {
    const name = mailName(place++)
    yield encodeTarFile({ name: `${name}.eml`, octets: mail.octets })
    yield encodeTarFile({ name: `${name}.json`, octets: encodeUtf8(formatExpected(expectedOf(mail.entity))) })
  }
  yield TAR_END
}

/** Writes the archive, compressed, to `file`; answers the SHA-256 of what is in the compressed file, uncompressed. */
export async function writeHamlet10k(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(
    Readable.from(hamlet10kTar()),
    async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        hash.update(piece)
        yield piece
      }
    },
    createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 12, [constants.ZSTD_c_checksumFlag]: 1 } }),
    createWriteStream(`${file}.partial`, { flush: true }),
  )
  await rename(`${file}.partial`, file)
  return hash.digest('hex')
}

function hasNew({ productions }: GeneratedMail, seen: ReadonlySet<string>): boolean {
  for (const production of productions.keys()) if (!seen.has(production)) return true
  return false
}

/** Every fourth is of the realistic profile. */
const REALISTIC = 4
