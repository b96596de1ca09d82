// Whom we know as good and as bad, published as DNS lists in a zone of our own primary: all of it at once, every so often,
// and only when something has changed. RFC 5782

import { createHash } from 'node:crypto'
import type { Calls, Log } from '@scop/bottle/node'
import { encodeUtf8 } from '@scop/octets'
import { type DnsListEntry, dnsListEntries, type Standing } from '@scop/reputation'

export type Publishing = { stop(): Promise<void> }

export function publishLists(options: {
  readonly standings: () => Iterable<Standing>
  readonly everySeconds: number
  readonly calls: Calls
  readonly trace: () => string
  readonly log: Log
}): Publishing {
  const { standings, everySeconds, calls, trace, log } = options
  let published: string | undefined
  let publishing: Promise<void> | undefined
  const publish = async (): Promise<void> => {
    const lines = [...dnsListEntries(standings())].map(formatEntry).toSorted()
    const digest = createHash('sha256').update(lines.join('')).digest('hex')
    if (digest === published) return
    const answer = await calls.call('dns-primary', 'publish-reputation', {}, { trace: trace(), octets: chunks(lines) })
    if (!answer.ok) return log.warn('lists not published', { reason: answer.error.reason })
    published = digest
    log.info('lists published', { ...answer.value.response })
  }
  const begin = (): void => {
    publishing ??= publish().finally(() => {
      publishing = undefined
    })
  }
  const first = setTimeout(begin, Math.min(everySeconds, FIRST_SECONDS) * 1000)
  const timer = setInterval(begin, everySeconds * 1000)
  first.unref()
  timer.unref()
  return {
    stop: async () => {
      clearTimeout(first)
      clearInterval(timer)
      await publishing
    },
  }
}

function formatEntry({ name, list, address, reason }: DnsListEntry): string {
  return `${name}.${list} ${address} ${reason.replace(/[^\x20-\x7e]/gu, '?').slice(0, 255)}\n`
}

async function* chunks(lines: readonly string[]): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < lines.length; at += LINES_AT_ONCE)
    yield encodeUtf8(lines.slice(at, at + LINES_AT_ONCE).join(''))
}

const FIRST_SECONDS = 5
const LINES_AT_ONCE = 500
