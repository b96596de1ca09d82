// Coverage: how often each production of the grammar occurs in a corpus, and in how many of its messages.

import { type GeneratedMail, PRODUCTIONS } from '../index.ts'

/** Production → how often, in how many messages. */
export type Coverage = ReadonlyMap<string, readonly [occurrences: number, mails: number]>

export class CoverageCounter {
  readonly #counts = new Map<string, [number, number]>()

  add(productions: GeneratedMail['productions']): void {
    for (const [production, occurrences] of productions) this.#count(production, occurrences, 1)
  }

  merge(coverage: Coverage): void {
    for (const [production, [occurrences, mails]] of coverage) this.#count(production, occurrences, mails)
  }

  /** Every production there is, by name, also those that do not occur. */
  coverage(): Coverage {
    const names = [...new Set([...PRODUCTIONS, ...this.#counts.keys()])].sort()
    return new Map(names.map((name) => [name, this.#counts.get(name) ?? [0, 0]]))
  }

  #count(production: string, occurrences: number, mails: number): void {
    const [before, mailsBefore] = this.#counts.get(production) ?? [0, 0]
    this.#counts.set(production, [before + occurrences, mailsBefore + mails])
  }
}

export function formatCoverageJson(coverage: Coverage): string {
  const rows = [...coverage].map(([production, [occurrences, mails]]) => [production, { occurrences, mails }])
  return `${JSON.stringify(Object.fromEntries(rows), null, 1)}\n`
}

export function formatCoverageTable(coverage: Coverage, mails: number): string {
  const rows = [...coverage].map(([production, [occurrences, inMails]]) => {
    const share = mails === 0 ? 0 : (100 * inMails) / mails
    return `| \`${production}\` | ${occurrences} | ${inMails} | ${share.toFixed(share < 1 ? 3 : 1)} % |`
  })
  const never = [...coverage]
    .filter(([, [occurrences]]) => occurrences === 0)
    .map(([production]) => `\`${production}\``)
  const reached = `${coverage.size - never.length} of ${coverage.size} productions occur.`
  return [
    '# Coverage',
    '',
    `How often each production of the grammar occurs in these ${mails} messages. ${reached}`,
    ...(never.length > 0 ? ['', `Never: ${never.join(', ')}.`] : []),
    '',
    '| production | occurrences | messages | share |',
    '|---|---:|---:|---:|',
    ...rows,
    '',
  ].join('\n')
}
