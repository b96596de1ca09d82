// What the verifier answers of its memory: the receiver's observations in; standings, lines and undo for the operator.

import type { Handlers, Log } from '@scop/bottle/node'
import { parseIpAddress } from '@scop/identifiers'
import { PipeRefusal } from '@scop/mesh/node'
import { encodeUtf8 } from '@scop/octets'
import {
  EVENT_CLASSES,
  formatRow,
  formatSubject,
  parseRow,
  parseSubject,
  type Row,
  type Standing,
} from '@scop/reputation'
import type { Reputation } from './reputation.ts'

type Operations =
  | 'observe'
  | 'reputation-show'
  | 'reputation-list'
  | 'reputation-export'
  | 'reputation-import'
  | 'reputation-pardon'

export function reputationHandlers(options: {
  readonly reputation: Reputation
  readonly log: Log
}): Pick<Handlers<'verifier'>, Operations> {
  const { reputation, log } = options
  return {
    observe: async ({ request }) => {
      let counted = 0
      for (const { class: eventClass, client, helo } of request.events) {
        const address = parseIpAddress(client)
        if (!address.ok) continue
        reputation.recordSeen({ client: address.value, helo, provenDomains: [], classes: [eventClass] })
        counted++
      }
      return { response: { counted } }
    },
    'reputation-show': async ({ request }) => {
      const standing = reputation.standingOf(subjectOf(request.subject))
      const { contributions, firstMs, touchedMs } = standing
      return {
        response: {
          ...shown(standing),
          contributions: contributions.map((one) => ({ ...one, says: EVENT_CLASSES[one.class].says })),
          ...(firstMs !== undefined && { firstMs }),
          ...(touchedMs !== undefined && { touchedMs }),
        },
      }
    },
    'reputation-list': async ({ request: { kind, order, limit } }) => {
      const all = [...reputation.standings()].filter(({ subject }) => kind === undefined || subject.kind === kind)
      const worst = all.toSorted((a, b) => (order === 'worst' ? a.score - b.score : b.score - a.score))
      return { response: { standings: worst.slice(0, limit).map(shown), total: all.length } }
    },
    'reputation-export': async () => {
      const rows = [...reputation.rows()]
      return { response: { subjects: rows.length }, octets: lines(rows) }
    },
    'reputation-import': async ({ request, octets }) => {
      const rows = await readRows(octets)
      reputation.load(rows)
      log.info('reputation imported', { subjects: rows.length, author: request.author, reason: request.reason })
      return { response: { subjects: rows.length } }
    },
    'reputation-pardon': async ({ request }) => {
      const subject = subjectOf(request.subject)
      const known = reputation.pardon(subject)
      const { author, reason } = request
      log.info('pardoned', { subject: formatSubject(subject), known, author, reason })
      return { response: { subject: formatSubject(subject), known } }
    },
  }
}

function subjectOf(text: string) {
  const subject = parseSubject(text)
  if (subject.ok) return subject.value
  throw new PipeRefusal('bad-request', `"${text}" is no domain, address, network or helo:NAME`)
}

function shown({ subject, score, evidence, judgement, ban }: Standing) {
  return { subject: formatSubject(subject), score, evidence, judgement, ...(ban && { ban: { ...ban } }) }
}

async function* lines(rows: readonly Row[]): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < rows.length; at += LINES_AT_ONCE)
    yield encodeUtf8(
      rows
        .slice(at, at + LINES_AT_ONCE)
        .map((row) => `${formatRow(row)}\n`)
        .join(''),
    )
}

async function readRows(octets: AsyncIterable<Uint8Array>): Promise<readonly Row[]> {
  const rows: Row[] = []
  const decoder = new TextDecoder()
  let held = ''
  let line = 0
  const take = (text: string): void => {
    line++
    if (text.trim() === '') return
    const row = parseRow(text)
    if (!row.ok) throw new PipeRefusal('bad-line', `Cannot read line ${line}: ${row.error.kind.replaceAll('-', ' ')}`)
    if (rows.push(row.value) > IMPORTED) throw new PipeRefusal('too-large', `more than ${IMPORTED} lines`)
  }
  for await (const chunk of octets) {
    held += decoder.decode(chunk, { stream: true })
    const all = held.split('\n')
    held = all.pop() ?? ''
    for (const text of all) take(text)
    if (held.length > LONGEST_LINE) throw new PipeRefusal('bad-line', `Cannot read line ${line + 1}: line too long`)
  }
  take(held)
  return rows
}

const LINES_AT_ONCE = 200
const IMPORTED = 1_000_000
const LONGEST_LINE = 4096
