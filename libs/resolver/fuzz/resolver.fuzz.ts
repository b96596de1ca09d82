// The core, told any octets as the replies of all its servers: it neither throws nor asks without end, and every client
// is answered or dropped.

import { parseName, type Question, ROOT } from '@scop/dns'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { createResolver, RESOLVER_CONFIG, RESOLVER_LIMITS, type ResolverAction } from '../src/index.ts'

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text.replaceAll(' ', ''))

/** Replies one after the other, each after an octet with its length; ids and questions are put in. */
export const seeds: readonly (string | Uint8Array)[] = [
  hex('1c 8400 0001 0000 00 0001 0001 0000003c 0004 c0000250 1c 8400 0001 0000 00 0005 0001 0000003c 0002 0161'),
  hex('12 8000 0000 0001 00 0002 0001 0000003c 0003 016e 00'),
  hex('10 8403 0000 0001 00 0006 0001 0000003c 0000'),
  hex('04 8200 04 8581 00 ff'),
]

export function fuzz(input: Uint8Array): void {
  const resolver = createResolver(
    {
      ...RESOLVER_CONFIG,
      hints: [
        {
          name: undefined,
          addresses: [{ address: expectOk(parseIpAddress('192.0.2.1'), 'read an address'), port: 53 }],
        },
      ],
      stale: { maxSeconds: 0, replySeconds: 30, clientTimeoutMs: 0, reset: true, told: true },
      prefetch: true,
    },
    { random: (octets) => new Uint8Array(octets) },
  )
  const open: Extract<ResolverAction, { kind: 'send' }>[] = []
  let waiting = 0
  let sent = 0
  let nowMs = 0
  const take = (actions: readonly ResolverAction[]): void => {
    for (const action of actions) {
      if (action.kind === 'send') {
        open.push(action)
        sent++
      } else if (action.kind === 'answer' || action.kind === 'drop') waiting--
      else if (action.kind === 'resume-soon') take(resolver.handle({ kind: 'resume' }, nowMs))
    }
  }
  const replies = repliesOf(input)
  let next = 0
  QUESTIONS.forEach((question, id) => {
    waiting++
    take(resolver.handle({ kind: 'query', id, question, recursionDesired: true, checkingDisabled: false }, nowMs))
    for (let send = open.shift(); send !== undefined; send = open.shift()) {
      nowMs += 100
      const reply = replies[next++ % Math.max(replies.length, 1)]
      const { exchange } = send
      if (reply !== undefined)
        take(resolver.handle({ kind: 'reply', exchange, octets: answerTo(send.octets, reply) }, nowMs))
      take(resolver.handle({ kind: 'failed', exchange, reason: 'timeout' }, nowMs))
    }
    nowMs += 30_000
    take(resolver.handle({ kind: 'tick' }, nowMs))
  })
  if (waiting !== 0) throw new Error(`${waiting} clients wait for ever`)
  if (sent > 2 * QUESTIONS.length * RESOLVER_LIMITS.packetsPerQuery) throw new Error(`${sent} packets`)
}

function repliesOf(input: Uint8Array): readonly Uint8Array[] {
  const replies: Uint8Array[] = []
  for (let at = 0; at < input.length; ) {
    const length = input[at] ?? 0
    replies.push(input.subarray(at + 1, at + 1 + length))
    at += 1 + length
  }
  return replies
}

/** Flags, the three counts as one octet pair each where they are there, and the records, behind the question as it was asked. */
function answerTo(query: Uint8Array, reply: Uint8Array): Uint8Array {
  let end = 12
  while ((query[end] ?? 0) !== 0) end += 1 + (query[end] ?? 0)
  end += 5
  const octets = new Uint8Array(end + Math.max(reply.length - 6, 0))
  octets.set(query.subarray(0, end))
  octets[2] = (reply[0] ?? 0) | 0x80
  octets[3] = reply[1] ?? 0
  octets.set([0, 1, 0, (reply[3] ?? 0) & 7, 0, (reply[5] ?? 0) & 7, 0, 0], 4)
  octets.set(reply.subarray(6), end)
  return octets
}

const QUESTIONS: readonly Question[] = ['www.example', 'www.example', 'a.www.example', '.'].map((text, i) => ({
  name: expectOk(parseName(text, ROOT), 'read a name'),
  type: i === 3 ? 2 : 1,
  class: 1,
}))
