// A corpus: all shards, made by threads side by side, then what describes them, signed. What is finished stays when the run
// is interrupted, and the next run with the same parameters goes on from there.

import type { KeyObject } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { encodeUtf8 } from '@scop/octets'
import { sha256Hex } from '../expected.ts'
import {
  CorpusError,
  type CorpusParameters,
  formatManifest,
  MANIFEST_FILE,
  type Manifest,
  planShards,
  PROGRESS_FOLDER,
  PUBLIC_KEY_FILE,
  SIGNATURE_FILE,
} from './corpus.ts'
import { corpusReadme } from './corpus-readme.ts'
import { type Coverage, CoverageCounter, formatCoverageJson, formatCoverageTable } from './coverage.ts'
import { publicKeyPem, signManifest } from './signature.ts'
import { readCorpus } from './verify-corpus.ts'
import { runTasks } from './worker-pool.ts'
import { finishedShard, type ShardRecord } from './write-shard.ts'

export type GenerateOptions = {
  readonly directory: string
  readonly parameters: CorpusParameters
  readonly key: KeyObject
  readonly jobs: number
  readonly signal: AbortSignal
  readonly onMails: (mails: number) => void
}

export type GeneratedCorpus = {
  readonly manifest: Manifest
  readonly manifestSha256: string
  /** Shards that were there from an earlier run. */
  readonly kept: number
}

export async function generateCorpus(options: GenerateOptions): Promise<GeneratedCorpus> {
  const { directory, parameters, signal, onMails } = options
  if (await exists(path.join(directory, MANIFEST_FILE))) return alreadyThere(options)
  await begin(directory, parameters)
  const plans = planShards(parameters)
  const records = new Map<string, ShardRecord>()
  for (const plan of plans) {
    signal.throwIfAborted()
    const record = await finishedShard(directory, plan)
    if (record === undefined) continue
    records.set(plan.name, record)
    onMails(plan.count)
  }
  const kept = records.size
  const missing = plans.filter(({ name }) => !records.has(name))
  const tasks = missing.map((plan) => ({ kind: 'write-shard', shard: { directory, parameters, plan } }) as const)
  try {
    await runTasks(
      tasks,
      (result) => {
        if (result.kind === 'shard-written') records.set(result.record.entry.name, result.record)
      },
      { ...options, onMails },
    )
  } catch (error) {
    for (const { name } of missing) await rm(path.join(directory, `${name}.partial`), { force: true })
    throw error
  }
  const manifest = await finish(
    options,
    plans.flatMap(({ name }) => records.get(name) ?? []),
  )
  return { ...manifest, kept }
}

async function begin(directory: string, parameters: CorpusParameters): Promise<void> {
  await mkdir(directory, { recursive: true })
  const file = path.join(directory, PROGRESS_FOLDER, 'parameters.json')
  const wanted = JSON.stringify(parameters)
  const there = await readFile(file, 'utf8').catch(() => undefined)
  if (there === undefined && (await readdir(directory)).some((name) => name !== PROGRESS_FOLDER)) {
    throw new CorpusError('not-empty', `${directory} holds other files`)
  }
  if (there !== undefined && there !== wanted) {
    throw new CorpusError('other-parameters', `${directory} holds the beginning of another corpus: ${there}`)
  }
  await mkdir(path.join(directory, PROGRESS_FOLDER), { recursive: true })
  await mkdir(path.join(directory, 'shards'), { recursive: true })
  if (there === undefined) await writeWhole(file, wanted)
}

/** The manifest last: where it is, the corpus is whole. */
async function finish(
  { directory, parameters, key }: GenerateOptions,
  records: readonly ShardRecord[],
): Promise<Pick<GeneratedCorpus, 'manifest' | 'manifestSha256'>> {
  const coverage = totalCoverage(records)
  const license = await readFile(new URL('../../CC0-1.0.txt', import.meta.url), 'utf8')
  const texts = [
    { name: 'COVERAGE.json', text: formatCoverageJson(coverage) },
    { name: 'COVERAGE.md', text: formatCoverageTable(coverage, parameters.count) },
    { name: 'LICENSE', text: license },
    { name: 'README.md', text: await corpusReadme(parameters) },
  ]
  const files: Manifest['files'][number][] = []
  for (const { name, text } of texts) {
    const octets = encodeUtf8(text)
    await writeWhole(path.join(directory, name), octets)
    files.push({ name, octets: octets.length, sha256: sha256Hex(octets) })
  }
  const manifest = encodeUtf8(
    formatManifest(
      parameters,
      records.map(({ entry }) => entry),
      files,
    ),
  )
  await writeWhole(path.join(directory, PUBLIC_KEY_FILE), publicKeyPem(key))
  await writeWhole(path.join(directory, SIGNATURE_FILE), signManifest(manifest, key))
  await writeWhole(path.join(directory, MANIFEST_FILE), manifest)
  await rm(path.join(directory, PROGRESS_FOLDER), { recursive: true, force: true })
  const { manifest: read } = await readCorpus(directory)
  return { manifest: read, manifestSha256: sha256Hex(manifest) }
}

async function alreadyThere({ directory, parameters, onMails }: GenerateOptions): Promise<GeneratedCorpus> {
  const { manifest, manifestSha256 } = await readCorpus(directory)
  if (JSON.stringify(manifest.parameters) !== JSON.stringify(parameters)) {
    throw new CorpusError(
      'other-parameters',
      `${directory} holds another corpus: ${JSON.stringify(manifest.parameters)}`,
    )
  }
  onMails(parameters.count)
  return { manifest, manifestSha256, kept: manifest.shards.length }
}

function totalCoverage(records: readonly ShardRecord[]): Coverage {
  const total = new CoverageCounter()
  for (const { coverage } of records) total.merge(coverage)
  return total.coverage()
}

async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${file}.partial`, content, { flush: true })
  await rename(`${file}.partial`, file)
}

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => undefined)) !== undefined
