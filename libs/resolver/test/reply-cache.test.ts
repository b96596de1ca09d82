import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, type Message, parseName, parseRecords, ROOT } from '@scop/dns'
import { expectOk } from '@scop/result'
import { formatClientReply, groupRecords, type Outcome, ReplyCache, TRUST } from '../src/index.ts'

const request = (text: string, id = 1, dnssecOk = false): Message => ({
  ...EMPTY_MESSAGE,
  id,
  recursionDesired: true,
  questions: [{ name: expectOk(parseName(text, ROOT), 'read'), type: 1, class: 1 }],
  edns: { udpOctets: 1232, version: 0, dnssecOk, options: [] },
})
const outcome = (text: string, changes: Partial<Outcome> = {}): Outcome => ({
  status: 'secure',
  rcode: 0,
  answer: groupRecords(expectOk(parseRecords(text, ROOT), text), TRUST.answer),
  authority: [],
  additional: [],
  ede: [],
  ttlSeconds: 100,
  stale: false,
  authoritative: false,
  ...changes,
})
const ANSWER = outcome('a.example. 100 IN CNAME b.example.\nb.example. 300 IN A 192.0.2.1')

function kept(cache: ReplyCache, message: Message, said: Outcome, nowMs = 0): void {
  cache.keep(encodeMessage(message).octets, 'datagram', formatClientReply(message, said, 'udp'), said, nowMs)
}
const asked = (cache: ReplyCache, message: Message, nowMs: number): Message | undefined => {
  const octets = cache.answer(encodeMessage(message).octets, 'datagram', nowMs)
  return octets && expectOk(decodeMessage(octets), 'read')
}

test('the same question gets the same reply, with its own id and TTLs counted down', () => {
  const cache = new ReplyCache(100_000)
  kept(cache, request('a.example'), ANSWER, 1000)
  const reply = asked(cache, request('a.example', 0xabcd), 11_999)
  assert.equal(reply?.id, 0xabcd)
  assert.deepEqual(
    reply?.answers.map(({ ttlSeconds }) => ttlSeconds),
    [90, 290],
  )
  assert.deepEqual(reply?.edns, { udpOctets: 1232, version: 0, dnssecOk: false, options: [] })
  assert.ok(asked(cache, request('a.example'), 90_999))
  assert.equal(asked(cache, request('a.example'), 91_000), undefined, 'its last tenth is not for here')
})

test('another question, other flags or another transport are another matter', () => {
  const cache = new ReplyCache(100_000)
  kept(cache, request('a.example'), ANSWER)
  for (const other of [
    request('A.example'),
    request('b.example'),
    request('a.example', 1, true),
    { ...request('a.example'), checkingDisabled: true },
    { ...request('a.example'), edns: undefined },
  ]) {
    assert.equal(asked(cache, other, 1), undefined)
  }
  assert.equal(cache.answer(encodeMessage(request('a.example')).octets, 'stream', 1), undefined)
})

test('what may be different the next time is not kept', () => {
  const cases: readonly Partial<Outcome>[] = [
    { stale: true },
    { status: 'bogus' },
    { status: 'indeterminate' },
    { ede: [{ code: 3, text: '' }] },
    { ttlSeconds: 0 },
    { ttlSeconds: 1 },
  ]
  for (const changes of cases) {
    const cache = new ReplyCache(100_000)
    kept(cache, request('a.example'), { ...ANSWER, ...changes })
    assert.equal(cache.octets, 0, JSON.stringify(changes))
  }
  const cache = new ReplyCache(100_000)
  kept(cache, request('a.example'), outcome('a.example. 0 IN A 192.0.2.1'))
  const long = { ...request('a.example'), edns: { ...EDNS, options: [{ code: 10, octets: new Uint8Array(400) }] } }
  kept(cache, long, ANSWER)
  assert.equal(cache.octets, 0)
})
const EDNS = { udpOctets: 1232, version: 0, dnssecOk: false }

test('it holds what it may, keeps what is used, and can let all go', () => {
  const cache = new ReplyCache(20_000)
  for (let i = 0; i < 500; i++) {
    kept(cache, request(`${i}.example`), ANSWER)
    assert.ok(cache.octets <= 20_000 + 1000, `${cache.octets}`)
    assert.ok(asked(cache, request('0.example'), 1), `after ${i}`)
  }
  assert.equal(asked(cache, request('1.example'), 1), undefined)
  cache.clear()
  assert.equal(cache.octets, 0)
  assert.equal(asked(cache, request('0.example'), 1), undefined)
})
