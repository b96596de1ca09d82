// RFC 5321 §5.1, RFC 4033 §5: what is bogus is a failure for now, in every operation.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTRACTS, type Operation, type Request, type Response } from '@scop/bottle'
import type { Calls } from '@scop/bottle/node'
import { formatName, formatType, type Name, parseRecords, ROOT } from '@scop/dns'
import { groupRecords, type Outcome, TRUST } from '@scop/resolver'
import { err, expectOk, ok } from '@scop/result'
import { resolverHandlers } from '../src/handlers.ts'
import { watchOwnZones } from '../src/own-zones.ts'

function outcome(text: string, changes: Partial<Outcome> = {}): Outcome {
  const security = (changes.status ?? 'secure') === 'secure' ? ('secure' as const) : ('insecure' as const)
  const answer = groupRecords(expectOk(parseRecords(text, ROOT), text), TRUST.answer)
  return {
    status: 'secure',
    rcode: 0,
    answer: answer.map((rrset) => ({ ...rrset, security })),
    authority: [],
    additional: [],
    ede: [],
    ttlSeconds: 60,
    stale: false,
    authoritative: false,
    ...changes,
  }
}

const EXPIRED = [{ code: 7, text: 'signature expired' }]
const WORLD: Readonly<Record<string, Outcome>> = {
  'a.example. MX': outcome('a.example. 60 IN MX 10 m.example.'),
  'null.example. MX': outcome('null.example. 60 IN MX 0 .', { status: 'insecure' }),
  'bogus.example. MX': outcome('bogus.example. 60 IN MX 10 evil.example.', { status: 'bogus', ede: EXPIRED }),
  'bogus.example. TXT': outcome('bogus.example. 60 IN TXT "v=DKIM1; p=evil"', { status: 'bogus' }),
  'a.example. TXT': outcome('a.example. 60 IN TXT "v=spf1" " -all"'),
  '_25._tcp.m.example. TLSA': outcome('_25._tcp.m.example. 60 IN TLSA 3 1 1 abcd'),
  'm.example. A': outcome('m.example. 60 IN A 192.0.2.1'),
  'm.example. AAAA': outcome(''),
  '1.2.0.192.in-addr.arpa. PTR': outcome('1.2.0.192.in-addr.arpa. 60 IN PTR m.example.'),
  'a.example. DS': outcome('a.example. 60 IN DS 1 13 9 abcd'),
  'none.example. MX': outcome('', { rcode: 3 }),
}
const DOWN = outcome('', { rcode: 2, status: 'indeterminate', ede: [{ code: 22, text: 'x'.repeat(5000) }] })

const handlers = resolverHandlers({
  lookUp: async (name: Name, type, options) => {
    options?.onStep?.({ lookup: 1, parent: undefined, question: { name, type, class: 1 }, what: 'asked' })
    return WORLD[`${formatName(name)} ${formatType(type)}`] ?? DOWN
  },
  reload: async () => err('the primary sleeps'),
  forget: () => undefined,
  random: () => 0,
  now: () => 0,
})

type Own = Exclude<Operation<'dns-resolver'>, 'health' | 'metrics'>

/** Asks as the pipe does; the types of the handlers hold the answers to the contract. */
async function ask<O extends Own>(
  operation: O,
  request: Request<'dns-resolver', O>,
): Promise<Response<'dns-resolver', O>> {
  assert.ok(operation in CONTRACTS['dns-resolver'])
  async function* octets() {
    // none
  }
  const handler = handlers[operation]
  const { signal } = new AbortController()
  const answered = await handler({
    peer: 'relay',
    trace: '',
    request,
    octets: octets(),
    tail: async () => undefined as never, // as: no operation here has a tail
    signal,
  })
  return answered.response
}

test('each operation answers in the form of its contract', async () => {
  const answer = { kind: 'answer', security: 'secure', ttlSeconds: 60 }
  const exchanges = [{ preference: 10, exchange: 'm.example' }]
  assert.deepEqual(await ask('mx', { domain: 'a.example' }), {
    ...answer,
    value: { kind: 'mx', exchanges, unusable: [] },
  })
  const none = { ...answer, security: 'insecure', value: { kind: 'null-mx' } }
  assert.deepEqual(await ask('mx', { domain: 'null.example' }), none)
  const absent = { kind: 'nxdomain', security: 'secure', ttlSeconds: 60 }
  assert.deepEqual(await ask('mx', { domain: 'none.example' }), absent)
  const text = Buffer.from('v=spf1 -all').toString('base64')
  assert.deepEqual(await ask('txt', { name: 'a.example' }), { ...answer, value: [text] })
  const record = { usage: 3, selector: 1, matchingType: 1, association: 'q80=' }
  assert.deepEqual(await ask('tlsa', { host: 'm.example', port: 25 }), { ...answer, value: [record] })
  const addresses = { addresses: ['192.0.2.1'], canonical: 'm.example' }
  assert.deepEqual(await ask('address', { host: 'm.example' }), { ...answer, value: addresses })
  for (const [name, type, value] of [
    ['1.2.0.192.in-addr.arpa', 'PTR', 'm.example'],
    ['m.example', 'A', '192.0.2.1'],
    ['a.example', 'MX', 'm.example'],
  ] as const) {
    assert.deepEqual(await ask('records', { name, type }), { ...answer, value: [value] })
  }
  assert.deepEqual(await ask('ds', { zone: 'a.example' }), { ...answer, value: ['AAENCavN'] })
})

test('what is bogus, and what cannot be had, is temporary', async () => {
  assert.deepEqual(await ask('mx', { domain: 'bogus.example' }), {
    kind: 'temporary',
    reason: 'the answer is not validly signed: signature expired',
    ede: EXPIRED,
  })
  assert.equal((await ask('txt', { name: 'bogus.example' })).kind, 'temporary')
  for (const down of [
    await ask('mx', { domain: 'down.example' }),
    await ask('txt', { name: 'down.example' }),
    await ask('address', { host: 'down.example' }),
    await ask('tlsa', { host: 'down.example', port: 25 }),
    await ask('records', { name: '9.2.0.192.in-addr.arpa', type: 'PTR' }),
    await ask('ds', { zone: 'down.example' }),
  ]) {
    assert.ok(down.kind === 'temporary' && down.reason.length <= 1000)
  }
})

test('what is no name is said to be none', async () => {
  const long = `${'a'.repeat(64)}.example`
  for (const answer of [
    await ask('mx', { domain: long }),
    await ask('txt', { name: long }),
    await ask('address', { host: long }),
    await ask('tlsa', { host: long, port: 25 }),
    await ask('records', { name: long, type: 'AAAA' }),
    await ask('ds', { zone: long }),
  ]) {
    assert.equal(answer.kind, 'bad-name')
  }
  const plain = { checkingDisabled: false, trace: false }
  await assert.rejects(ask('query', { name: long, type: 'A', ...plain }))
  await assert.rejects(ask('query', { name: 'a.example', type: 'NOTHING', ...plain }))
  await assert.rejects(ask('reload-zones', {}), /the primary sleeps/)
  assert.deepEqual(await ask('forget', {}), {})
})

test('a question of the operator comes back with its records and, where wished for, its steps', async () => {
  const request = { name: 'a.example', type: 'MX', checkingDisabled: false }
  const said = await ask('query', { ...request, trace: true })
  assert.deepEqual(said.answer, ['a.example. 60 IN MX 10 m.example.'])
  assert.deepEqual([said.status, said.rcode], ['secure', 'NOERROR'])
  assert.deepEqual(said.steps, [{ lookup: 1, question: 'a.example. MX', what: 'asked' }])
  assert.deepEqual((await ask('query', { ...request, trace: false })).steps, [])
})

test('our zones are learnt from the primary, told when they change, and kept when it does not answer', async () => {
  let zones: readonly { readonly zone: string; readonly dnssec: string }[] = [{ zone: 'a.example', dnssec: 'nsec' }]
  let record = 'a.example. 60 IN DS 1 13 9 ab'
  let up = true
  let nowMs = 0
  const calls: Calls = {
    call: async (_callee, operation) => {
      if (!up) return err({ kind: 'unreachable', reason: 'gone' } as never) // as: only its reason is read
      const response = operation === 'list-zones' ? { zones } : { wanted: [{ keyTag: 1, record, ready: false }] }
      return ok({ response, octets: [] } as never) // as: the part of the contract that is read
    },
    facts: () => [],
    close: async () => undefined,
  }
  const told: unknown[] = []
  const failures: string[] = []
  const options = {
    calls,
    everyMs: 3_600_000,
    changed: (now: unknown): void => void told.push(now),
    failed: (why: string): void => void failures.push(why),
    now: () => nowMs,
  }
  const own = await watchOwnZones(options)
  assert.deepEqual(told, [[{ zone: 'a.example', ds: [record] }]])
  assert.deepEqual(await own.reload(), { ok: true, value: 1 })
  assert.equal(told.length, 1)
  record = 'a.example. 60 IN DS 2 13 9 cd'
  await own.reload()
  zones = [...zones, { zone: 'plain.example', dnssec: 'off' }]
  await own.reload()
  assert.deepEqual(told.at(-1), [
    { zone: 'a.example', ds: [record] },
    { zone: 'plain.example', ds: [] },
  ])
  zones = [{ zone: 'new.example', dnssec: 'off' }]
  assert.equal(await own.news(), false, 'not so soon')
  nowMs += 1000
  assert.equal(await own.news(), true)
  nowMs += 1000
  assert.equal(await own.news(), false, 'nothing new')
  up = false
  assert.equal((await own.reload()).ok, false)
  assert.deepEqual([told.length, failures], [4, ['gone']])
  own.stop()
  await assert.rejects(watchOwnZones(options), /Cannot learn which zones are ours: gone/)
})
