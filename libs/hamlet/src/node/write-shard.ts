// One shard: its messages and their expected forms as a tar archive, compressed, in one pass. It is written beside its place
// and moved there when it is whole and its record is kept: an interrupted run leaves nothing that looks finished.

import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress } from 'node:zlib'
import { encodeUtf8 } from '@scop/octets'
import { expectedOf, formatExpected } from '../expected.ts'
import { generateMail } from '../index.ts'
import { type CorpusParameters, mailName, PROGRESS_FOLDER, type ShardEntry, type ShardPlan } from './corpus.ts'
import { type Coverage, CoverageCounter } from './coverage.ts'
import { hashFile } from './hash-file.ts'
import { encodeTarFile, TAR_END } from './ustar.ts'

export type ShardTask = {
  readonly directory: string
  readonly parameters: CorpusParameters
  readonly plan: ShardPlan
}
export type ShardRecord = { readonly entry: ShardEntry; readonly coverage: Coverage }

export async function writeShard(
  { directory, parameters, plan }: ShardTask,
  onMails: (mails: number) => void,
): Promise<ShardRecord> {
  const file = path.join(directory, plan.name)
  const partial = `${file}.partial`
  const coverage = new CoverageCounter()
  const [tar, compressed] = [createHash('sha256'), createHash('sha256')]
  let [octets, mailOctets] = [0, 0]
  await pipeline(
    Readable.from(chunks(), { highWaterMark: 1 }),
    createZstdCompress({ params: COMPRESSION }),
    async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        compressed.update(piece)
        octets += piece.length
        yield piece
      }
    },
    createWriteStream(partial, { flush: true }),
  )
  const [sha256, tarSha256] = [compressed.digest('hex'), tar.digest('hex')]
  const entry: ShardEntry = { ...plan, octets, sha256, tarSha256, mailOctets }
  const record = { entry, coverage: coverage.coverage() }
  await keepRecord(directory, record)
  await rename(partial, file)
  return record

  function* chunks(): Generator<Uint8Array> {
    let chunk = new Uint8Array(CHUNK)
    let filled = 0
    const { seed, profile } = parameters
    for (let index = plan.first; index < plan.first + plan.count; index++) {
      const mail = generateMail(seed, index, profile)
      coverage.add(mail.productions)
      mailOctets += mail.octets.length
      const name = mailName(index)
      for (const piece of [
        encodeTarFile({ name: `${name}.eml`, octets: mail.octets }),
        encodeTarFile({ name: `${name}.json`, octets: encodeUtf8(formatExpected(expectedOf(mail.entity))) }),
        ...(index === plan.first + plan.count - 1 ? [TAR_END] : []),
      ]) {
        tar.update(piece)
        // Pieces of one size, as what a compressor gives may depend on how it was fed.
        for (let at = 0; at < piece.length; ) {
          const part = piece.subarray(at, at + CHUNK - filled)
          chunk.set(part, filled)
          filled += part.length
          at += part.length
          if (filled === CHUNK) {
            yield chunk
            chunk = new Uint8Array(CHUNK)
            filled = 0
          }
        }
      }
      if ((index + 1 - plan.first) % PROGRESS_MAILS === 0) onMails(PROGRESS_MAILS)
    }
    if (filled > 0) yield chunk.subarray(0, filled)
    onMails(plan.count % PROGRESS_MAILS)
  }
}

/** The record of a shard that is finished and undamaged; else what there is of it is removed. */
export async function finishedShard(directory: string, plan: ShardPlan): Promise<ShardRecord | undefined> {
  const file = path.join(directory, plan.name)
  await rm(`${file}.partial`, { force: true })
  const record = await readRecord(directory, plan)
  const there = await stat(file).catch(() => undefined)
  if (record === undefined || there === undefined) return undefined
  if (there.size === record.entry.octets && (await hashFile(file)) === record.entry.sha256) return record
  await rm(file, { force: true })
  return undefined
}

async function keepRecord(directory: string, { entry, coverage }: ShardRecord): Promise<void> {
  const file = recordFile(directory, entry)
  await writeFile(`${file}.partial`, JSON.stringify({ entry, coverage: [...coverage] }), { flush: true })
  await rename(`${file}.partial`, file)
}

async function readRecord(directory: string, plan: ShardPlan): Promise<ShardRecord | undefined> {
  const text = await readFile(recordFile(directory, plan), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  // as: written whole by keepRecord, of the same parameters
  const { entry, coverage } = JSON.parse(text) as { entry: ShardEntry; coverage: [string, [number, number]][] }
  return { entry, coverage: new Map(coverage) }
}

const recordFile = (directory: string, { name }: ShardPlan): string =>
  path.join(directory, PROGRESS_FOLDER, `${path.posix.basename(name)}.json`)

const CHUNK = 256 * 1024
const PROGRESS_MAILS = 500
const COMPRESSION = { [constants.ZSTD_c_compressionLevel]: 6, [constants.ZSTD_c_checksumFlag]: 1 }
