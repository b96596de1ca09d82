// The shell around a core that does as it is told: what it asks for is done, once, and nothing is left behind.
// RFC 8914 §4.19 (Prohibited), RFC 5452 §9

import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { test, type TestContext } from 'node:test'
import {
  CLASS,
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  extendedErrors,
  type Message,
  parseName,
  parseRecords,
  ROOT,
} from '@scop/dns'
import { createAlgorithms } from '@scop/dnssec'
import { parseIpAddress } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import {
  groupRecords,
  type Outcome,
  RESOLVER_CONFIG,
  type ResolverAction,
  type ResolverEvent,
  TRUST,
} from '../../src/index.ts'
import { createResolverShell, openResolver, type ResolverShell, type ShellOptions } from '../../src/node/index.ts'

const name = expectOk(parseName('a.example', ROOT), 'read')
const question = { name, type: 1, class: CLASS.IN }
const outcome: Outcome = {
  status: 'secure',
  rcode: 0,
  answer: groupRecords(expectOk(parseRecords('a.example. 60 IN A 192.0.2.1', ROOT), 'read'), TRUST.answer),
  authority: [],
  additional: [],
  ede: [],
  ttlSeconds: 60,
  stale: false,
  authoritative: false,
}
const loopback = expectOk(parseIpAddress('127.0.0.1'), 'parse')

type Script = (event: ResolverEvent, nowMs: number) => readonly ResolverAction[]

/** A shell around `script`; `events` are those that the core was given, but for ticks. */
function shellOf(
  t: TestContext,
  script: Script,
  options: Partial<ShellOptions> = {},
): { readonly shell: ResolverShell; readonly events: ResolverEvent[] } {
  const events: ResolverEvent[] = []
  let inside = false
  const handle = (event: ResolverEvent, nowMs: number): readonly ResolverAction[] => {
    assert.ok(!inside, 'entered while it was inside')
    inside = true
    if (event.kind !== 'tick') events.push(event)
    const actions = script(event, nowMs)
    inside = false
    return actions
  }
  const shell = createResolverShell({ core: { handle }, ...options })
  t.after(() => shell.close())
  return { shell, events }
}

const answering: Script = (event) => (event.kind === 'query' ? [{ kind: 'answer', id: event.id, outcome }] : [])
const ask = (changes: Partial<Message> = {}): Uint8Array =>
  encodeMessage({ ...EMPTY_MESSAGE, id: 5, recursionDesired: true, questions: [question], ...changes }).octets
const incoming = (octets: Uint8Array, address = '127.0.0.1') => ({
  octets,
  transport: 'udp' as const,
  peer: { address, port: 1234 },
  now: 0,
})

test('what the cache knows is told in the same turn, and again without the core', async (t) => {
  const { shell, events } = shellOf(t, answering)
  for (const id of [5, 6]) {
    const reply = shell.handle(incoming(ask({ id })))
    assert.ok(reply instanceof Uint8Array)
    const message = expectOk(decodeMessage(reply), 'read')
    assert.deepEqual([message.id, message.answers.length, message.recursionAvailable], [id, 1, true])
  }
  assert.equal(events.length, 1)
  assert.deepEqual([shell.figures().queries, shell.figures().repliesFromCache], [2, 1])
  assert.equal(shell.waiting, 0)
})

test('strangers are refused with the reason, before the core hears of them, also of what is kept', (t) => {
  const { shell, events } = shellOf(t, answering, { mayAsk: (address) => address !== '203.0.113.9' })
  assert.ok(shell.handle(incoming(ask())) instanceof Uint8Array)
  const edns = { udpOctets: 1232, version: 0, dnssecOk: false, options: [] }
  for (const octets of [ask(), ask({ edns })]) {
    const reply = shell.handle(incoming(octets, '203.0.113.9'))
    assert.ok(reply instanceof Uint8Array)
    const message = expectOk(decodeMessage(reply), 'read')
    assert.deepEqual([message.rcode, message.answers.length], [5, 0])
    assert.deepEqual(extendedErrors(message.edns), message.edns === undefined ? [] : [{ code: 18, text: '' }])
  }
  assert.equal(events.length, 1)
  assert.equal(shell.figures().refused, 2)
})

test('a client carries its address to the core, our own questions none; who is dropped gets nothing', async (t) => {
  const { shell, events } = shellOf(t, (event) => (event.kind === 'query' ? [{ kind: 'drop', id: event.id }] : []))
  assert.equal(await shell.handle(incoming(ask(), '127.0.0.7')), undefined)
  const own = await shell.lookUp(question)
  assert.deepEqual([own.rcode, own.status], [2, 'indeterminate'])
  assert.deepEqual(
    events.map((event) => event.kind === 'query' && event.client),
    ['127.0.0.7', undefined],
  )
  assert.equal(shell.figures().dropped, 2)
})

test('exchanges: sent, heard, cancelled; a late failure of a cancelled one is not told', async (t) => {
  const server = createSocket('udp4')
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  server.on('message', (octets, { port }) => server.send(octets, port, '127.0.0.1'))
  const { port } = server.address()
  const { shell, events } = shellOf(t, (event) => {
    if (event.kind === 'query') {
      const send = { kind: 'send', server: { address: loopback, port }, transport: 'udp', question } as const
      return [
        { ...send, exchange: 1, octets: ask({ id: 1 }), timeoutMs: 5000 },
        { ...send, exchange: 2, octets: ask({ id: 2 }), timeoutMs: 5000 },
        { kind: 'cancel', exchange: 2 },
        { kind: 'cancel', exchange: 99 },
      ]
    }
    return event.kind === 'reply'
      ? [
          { kind: 'cancel', exchange: event.exchange },
          { kind: 'answer', id: 0, outcome },
        ]
      : []
  })
  assert.equal((await shell.lookUp(question)).status, 'secure')
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['query', 'reply'],
  )
  const { sent, underWay } = shell.figures()
  assert.deepEqual([sent.udp, underWay], [2, 0])
})

test('ticks come when they are wished for, the last wish counts, and a resume has its own turn', async (t) => {
  const at: string[] = []
  const { shell } = shellOf(t, (event, nowMs) => {
    at.push(event.kind)
    if (event.kind === 'query')
      return [
        { kind: 'resume-soon' },
        { kind: 'wake-at', atMs: nowMs + 3_600_000 },
        { kind: 'wake-at', atMs: nowMs + 20 },
      ]
    return event.kind === 'tick' && at.length > 2 ? [{ kind: 'answer', id: 0, outcome }] : []
  })
  await shell.lookUp(question)
  assert.deepEqual(at, ['tick', 'query', 'resume', 'tick'])
})

test('steps are told to those who want them, of their own question and what it set off', async (t) => {
  const other = { ...question, type: 28 }
  const step = (lookup: number, parent: number | undefined, of: typeof question, what: string): ResolverAction => ({
    kind: 'trace',
    step: { lookup, parent, question: of, what },
  })
  const { shell } = shellOf(t, (event) =>
    event.kind === 'query'
      ? [
          step(1, undefined, question, 'mine'),
          step(2, 1, other, 'below'),
          step(3, undefined, other, "another's"),
          step(4, 2, question, 'further below'),
          { kind: 'answer', id: event.id, outcome },
        ]
      : [],
  )
  const told: string[] = []
  await shell.lookUp(question, { onStep: ({ what }) => void told.push(what) })
  await shell.lookUp(question)
  assert.deepEqual(told, ['mine', 'below', 'further below'])
  assert.equal(shell.tracing, false)
})

test('closing answers whoever waits, and what comes after', async (t) => {
  const kept: string[] = []
  const { shell } = shellOf(
    t,
    (event) => (event.kind === 'query' ? [{ kind: 'persist', zone: ROOT, text: 'state' }] : []),
    {
      persist: (_, text) => void kept.push(text),
    },
  )
  const waiting = shell.lookUp(question)
  const client = shell.handle(incoming(ask()))
  const drained = shell.drained()
  assert.equal(shell.waiting, 2)
  shell.close()
  assert.equal((await waiting).rcode, 2)
  const reply = await client
  assert.ok(reply !== undefined && decodeMessage(reply).ok)
  await drained
  assert.equal((await shell.lookUp(question)).rcode, 2)
  assert.deepEqual(kept, ['state', 'state'])
})

test('with the real core: two equal questions are one, and nobody to ask is said', async (t) => {
  let asked = 0
  const server = createSocket('udp4')
  server.on('message', (octets, { port }) => {
    asked++
    const message = expectOk(decodeMessage(new Uint8Array(octets)), 'read')
    const answers = expectOk(parseRecords('a.example. 60 IN A 192.0.2.7', ROOT), 'read')
    server.send(encodeMessage({ ...message, response: true, authoritative: true, answers }).octets, port, '127.0.0.1')
  })
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const zone = expectOk(parseName('example', ROOT), 'read')
  const addresses = [{ address: loopback, port: server.address().port }]
  const shell = openResolver({
    config: {
      ...RESOLVER_CONFIG,
      hints: [],
      stubs: [{ zone, addresses, names: [], first: false, prime: false, cache: true, transport: 'udp' }],
    },
    algorithms: createAlgorithms(),
  })
  t.after(() => shell.close())
  const both = await Promise.all([shell.lookUp(question), shell.lookUp(question)])
  assert.deepEqual(
    both.map(({ status, answer }) => [status, answer[0]?.rdatas.length]),
    [
      ['indeterminate', 1],
      ['indeterminate', 1],
    ],
  )
  assert.equal(asked, 1)
  const nowhere = await shell.lookUp({ ...question, name: expectOk(parseName('a.test', ROOT), 'read') })
  assert.deepEqual([nowhere.rcode, nowhere.ede[0]?.code], [2, 22])
})
