// The isomorphism over many messages: of a shard, of an archive, of files, or of what the generator makes on the spot.

import { expectedOf, formatExpected } from '../expected.ts'
import { generateMail } from '../index.ts'
import { checkIsomorphism, type IsomorphismFault, type Meant } from '../isomorphism.ts'
import type { CorpusParameters } from './corpus.ts'
import { hashFile } from './hash-file.ts'
import { mailsOfArchive, mailsOfFiles, type StoredMail } from './read-mails.ts'

export type CheckTask =
  | {
      readonly from: 'archive'
      readonly file: string
      /** Of a corpus: every message must say what it means, and the file have this digest. */
      readonly corpus: { readonly sha256: string; readonly count: number } | undefined
      /** At most so many messages. */
      readonly limit: number | undefined
    }
  | { readonly from: 'files'; readonly files: readonly string[] }
  | {
      readonly from: 'generator'
      readonly parameters: Pick<CorpusParameters, 'seed' | 'profile'>
      readonly first: number
      readonly count: number
    }

export type CheckFaultKind = IsomorphismFault['kind'] | 'damaged'
export type CheckSummary = {
  readonly mails: number
  readonly octets: number
  readonly faults: ReadonlyMap<CheckFaultKind, number>
  /** The first of them. */
  readonly examples: readonly CheckExample[]
}
export type CheckExample = { readonly mail: string; readonly kind: CheckFaultKind; readonly detail: string }

export const CHECK_LIMITS = { examples: 20 } as const

export async function checkMails(task: CheckTask, onMails: (mails: number) => void): Promise<CheckSummary> {
  const tally = new CheckTally()
  let unsaid = 0
  const add = (name: string, octets: Uint8Array, meant: Meant): void => {
    tally.add(name, octets, checkIsomorphism(octets, meant))
    if (tally.mails % PROGRESS_MAILS === 0) onMails(PROGRESS_MAILS)
  }
  if (task.from === 'generator') {
    for (let index = task.first; index < task.first + task.count; index++) {
      const { octets, entity } = generateMail(task.parameters.seed, index, task.parameters.profile)
      add(String(index), octets, { expected: formatExpected(expectedOf(entity)), entity })
    }
  } else if (
    task.from === 'archive' &&
    task.corpus !== undefined &&
    (await hashFile(task.file)) !== task.corpus.sha256
  ) {
    tally.note({ mail: task.file, kind: 'damaged', detail: 'its SHA-256 is not that of the manifest' })
  } else {
    const limit = (task.from === 'archive' ? task.limit : undefined) ?? Number.POSITIVE_INFINITY
    const mails: AsyncIterable<StoredMail> =
      task.from === 'archive' ? mailsOfArchive(task.file) : mailsOfFiles(task.files)
    for await (const { name, octets, expected } of mails) {
      if (tally.mails >= limit) break
      if (expected === undefined) unsaid++
      add(name, octets, { expected, entity: undefined })
    }
    const wanted = task.from === 'archive' ? task.corpus?.count : undefined
    if (wanted !== undefined && (tally.mails !== wanted || unsaid > 0)) {
      const detail = `${tally.mails} messages, ${unsaid} without what they mean, where ${wanted} should be`
      tally.note({ mail: task.from === 'archive' ? task.file : '', kind: 'damaged', detail })
    }
  }
  onMails(tally.mails % PROGRESS_MAILS)
  return tally.summary()
}

/** Adds up what several tasks found. */
export class CheckTally {
  mails = 0
  #octets = 0
  readonly #faults = new Map<CheckFaultKind, number>()
  readonly #examples: CheckExample[] = []

  add(mail: string, octets: Uint8Array, faults: readonly IsomorphismFault[]): void {
    this.mails++
    this.#octets += octets.length
    for (const fault of faults) this.note({ mail, ...fault })
  }

  note(example: CheckExample): void {
    this.#faults.set(example.kind, (this.#faults.get(example.kind) ?? 0) + 1)
    if (this.#examples.length < CHECK_LIMITS.examples) this.#examples.push(example)
  }

  merge({ mails, octets, faults, examples }: CheckSummary): void {
    this.mails += mails
    this.#octets += octets
    for (const [kind, count] of faults) this.#faults.set(kind, (this.#faults.get(kind) ?? 0) + count)
    this.#examples.push(...examples.slice(0, CHECK_LIMITS.examples - this.#examples.length))
  }

  summary(): CheckSummary {
    return { mails: this.mails, octets: this.#octets, faults: this.#faults, examples: this.#examples }
  }
}

const PROGRESS_MAILS = 500
