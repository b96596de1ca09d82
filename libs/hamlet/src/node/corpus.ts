// What a corpus is made of on disk: shards of messages, each beside what it means, and a manifest that says all digests.

import path from 'node:path'
import { EXPECTED_SCHEMA } from '../expected.ts'
import type { Profile } from '../index.ts'

/** What decides every octet of a corpus. */
export type CorpusParameters = {
  /** The version of the generator. */
  readonly generator: string
  readonly profile: Profile
  readonly seed: number
  readonly count: number
  readonly shardSize: number
}

export type ShardEntry = {
  /** Relative to the corpus, with `/`. */
  readonly name: string
  /** Index of its first message. */
  readonly first: number
  readonly count: number
  /** Of the file, as compressed. */
  readonly octets: number
  readonly sha256: string
  /** Of the archive inside, whatever compressed it. */
  readonly tarSha256: string
  /** Of the messages in it. */
  readonly mailOctets: number
}

export type Manifest = {
  readonly format: typeof MANIFEST_FORMAT
  readonly expected: typeof EXPECTED_SCHEMA
  readonly license: 'CC0-1.0'
  readonly parameters: CorpusParameters
  readonly total: {
    readonly mails: number
    readonly shards: number
    readonly octets: number
    readonly mailOctets: number
  }
  readonly shards: readonly ShardEntry[]
  /** The other files, coverage and texts. */
  readonly files: readonly { readonly name: string; readonly octets: number; readonly sha256: string }[]
}

export const MANIFEST_FORMAT = 'hamlet-corpus-1'
export const MANIFEST_FILE = 'MANIFEST.json'
export const SIGNATURE_FILE = 'MANIFEST.json.sig'
export const PUBLIC_KEY_FILE = 'PUBLIC-KEY.pem'
/** Records of a run that has not ended. */
export const PROGRESS_FOLDER = '.progress'

export const CORPUS_LIMITS = { count: 100_000_000, shardSize: 1_000_000, manifestOctets: 64 * 1024 * 1024 } as const

export type ShardPlan = Pick<ShardEntry, 'name' | 'first' | 'count'>

export function planShards({ count, shardSize }: CorpusParameters): readonly ShardPlan[] {
  const shards: ShardPlan[] = []
  for (let first = 0; first < count; first += shardSize) {
    const name = `shards/hamlet-${String(shards.length).padStart(5, '0')}.tar.zst`
    shards.push({ name, first, count: Math.min(shardSize, count - first) })
  }
  return shards
}

/** `000000`: what a message and its expected form are called. */
export const mailName = (index: number): string => String(index).padStart(6, '0')

export function formatManifest(
  parameters: CorpusParameters,
  shards: readonly ShardEntry[],
  files: Manifest['files'],
): string {
  const sum = (of: (shard: ShardEntry) => number): number => shards.reduce((total, shard) => total + of(shard), 0)
  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    expected: EXPECTED_SCHEMA,
    license: 'CC0-1.0',
    parameters,
    total: {
      mails: sum(({ count }) => count),
      shards: shards.length,
      octets: sum(({ octets }) => octets),
      mailOctets: sum(({ mailOctets }) => mailOctets),
    },
    shards,
    files,
  }
  return `${JSON.stringify(manifest, null, 1)}\n`
}

/** Throws a CorpusError where it is none. Names stay within the corpus. */
export function parseManifest(text: string): Manifest {
  const manifest = parseJson(text)
  if (!isManifest(manifest))
    throw new CorpusError('bad-manifest', `${MANIFEST_FILE} is no manifest of ${MANIFEST_FORMAT}`)
  return manifest
}

export class CorpusError extends Error {
  readonly kind: 'bad-manifest' | 'bad-signature' | 'damaged' | 'other-parameters' | 'not-empty' | 'bad-key'

  constructor(kind: CorpusError['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || value['format'] !== MANIFEST_FORMAT || !isRecord(value['parameters'])) return false
  const { shards, files, total, parameters } = value
  return (
    isRecord(total) &&
    ['seed', 'count', 'shardSize'].every((key) => isCount(parameters[key])) &&
    ['generator', 'profile'].every((key) => typeof parameters[key] === 'string') &&
    Array.isArray(shards) &&
    shards.every((shard) => isFile(shard) && isCount(shard['first']) && isCount(shard['count'])) &&
    Array.isArray(files) &&
    files.every(isFile)
  )
}

function isFile(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value) || typeof value['name'] !== 'string' || !isCount(value['octets'])) return false
  const inside = path.posix.normalize(value['name'])
  const escapes = inside.startsWith('..') || path.posix.isAbsolute(inside) || inside.includes('\\')
  return !escapes && typeof value['sha256'] === 'string' && /^[0-9a-f]{64}$/.test(value['sha256'])
}

const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
