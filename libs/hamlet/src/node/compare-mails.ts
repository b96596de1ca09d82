// A parser run over messages, and how often it differs from us, by kind. That our reading is what a corpus means is checked
// here too, message by message.

import { parseMessage, readEntity } from '@scop/mime'
import { type Difference, DIFFERENCE_KINDS, type DifferenceKind, differencesBetween } from '../differences.ts'
import { expectedOf, formatExpected } from '../expected.ts'
import { firstDifference } from '../isomorphism.ts'
import { readingOf } from '../reading.ts'
import type { MailParser } from './parsers/parser.ts'
import type { StoredMail } from './read-mails.ts'

export type DifferenceExample = Difference & { readonly mail: string }
export type Comparison = {
  readonly mails: number
  /** In how many messages each kind occurs. */
  readonly counts: ReadonlyMap<DifferenceKind, number>
  /** Messages without any difference but line ends. */
  readonly same: number
  readonly examples: readonly DifferenceExample[]
  /** Where our own reading is not what the corpus says. */
  readonly unexpected: readonly { readonly mail: string; readonly detail: string }[]
}

export async function compareMails(
  parser: MailParser,
  mails: AsyncIterable<StoredMail>,
  { examples: perKind, limit, signal, onMails }: CompareOptions,
): Promise<Comparison> {
  const counts = new Map<DifferenceKind, number>(DIFFERENCE_KINDS.map((kind) => [kind, 0]))
  const examples: DifferenceExample[] = []
  const unexpected: { mail: string; detail: string }[] = []
  let [count, same] = [0, 0]
  for await (const { name, octets, expected } of mails) {
    signal.throwIfAborted()
    if (count >= limit) break
    count++
    const entity = readEntity(parseMessage(octets), octets)
    const reading = formatExpected(expectedOf(entity))
    if (expected !== undefined && reading !== expected) {
      unexpected.push({ mail: name, detail: firstDifference(expected, reading) })
    }
    const found = await parser.read(octets).then(
      (other) => differencesBetween(readingOf(entity), other, parser.tells),
      (error: unknown): readonly Difference[] => [
        { kind: 'refused', expected: 'a reading', read: error instanceof Error ? error.message : String(error) },
      ],
    )
    const kinds = new Map(found.map((difference) => [difference.kind, difference]))
    if ([...kinds.keys()].every((kind) => kind === 'line-ends')) same++
    for (const [kind, difference] of kinds) {
      const before = counts.get(kind) ?? 0
      counts.set(kind, before + 1)
      if (before < perKind) examples.push({ mail: name, ...difference })
    }
    onMails(1)
  }
  return { mails: count, counts, same, examples, unexpected }
}

export type CompareOptions = {
  /** Of each kind. */
  readonly examples: number
  readonly limit: number
  readonly signal: AbortSignal
  readonly onMails: (mails: number) => void
}
