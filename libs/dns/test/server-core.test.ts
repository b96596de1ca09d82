import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  decodeMessage,
  type Delegate,
  EMPTY_MESSAGE,
  encodeMessage,
  formatRcode,
  handleMessage,
  makeRecord,
  type Message,
  parseType,
  type Reaction,
  type ServerState,
  signMessage,
  TXT,
  updateMessage,
  verifyMessage,
  zoneSet,
} from '../src/index.ts'
import { exampleZone, KEY, name } from './example-zone.ts'

const NOW = 1_700_000_000
const PEER = { address: '192.0.2.1', port: 4000 }
const STATE: ServerState = {
  zones: zoneSet([exampleZone()]),
  keys: [KEY],
  grants: [{ key: KEY.name, names: { kind: 'below-label', label: '_domainkey' }, types: [TXT.code] }],
}
const query = (owner: string, type: string, more: Partial<Message> = {}): Uint8Array =>
  encodeMessage({
    ...EMPTY_MESSAGE,
    id: 5,
    questions: [{ name: name(owner), type: parseType(type) ?? -1, class: 1 }],
    ...more,
  }).octets
const edns = (udpOctets: number, version = 0) => ({ udpOctets, version, dnssecOk: false, options: [] })
const react = (octets: Uint8Array, transport: 'udp' | 'tcp' = 'udp', now = NOW): Reaction =>
  handleMessage(STATE, { octets, transport, peer: PEER, now })
const replyTo = (octets: Uint8Array, transport: 'udp' | 'tcp' = 'udp', now = NOW): Message => {
  const reaction = react(octets, transport, now)
  assert.ok(reaction.kind === 'reply')
  return expectOk(decodeMessage(reaction.octets), 'decode our own reply')
}
const record = makeRecord(TXT, name('s._domainkey.example.org'), 60, { strings: [new Uint8Array(3)] })
const update = encodeMessage(updateMessage(6, name('example.org'), [], [record])).octets

test('says nothing to what is no query', () => {
  assert.equal(react(new Uint8Array(11)).kind, 'silence')
  assert.equal(react(query('example.org', 'SOA', { response: true })).kind, 'silence')
  assert.equal(react(new Uint8Array(40).fill(0xff)).kind, 'silence')
})

test('says nothing to ports from which nobody asks, or which answer whatever they get', () => {
  const from = (port: number, transport: 'udp' | 'tcp'): string =>
    handleMessage(STATE, { octets: query('example.org', 'SOA'), transport, peer: { ...PEER, port }, now: NOW }).kind
  for (const port of [0, 7, 13, 17, 19, 37]) assert.equal(from(port, 'udp'), 'silence')
  for (const port of [1, 53, 1024, 65_535]) assert.equal(from(port, 'udp'), 'reply')
  assert.equal(from(7, 'tcp'), 'reply')
})

test('transfers and NOTIFY go to whom they are given, whole and verified', () => {
  const asked: string[] = []
  const delegate: Delegate = ({ query: message, question, signer, encode }) => {
    asked.push(`${message.opcode} ${question.type} ${signer?.key.name.key ?? '-'}`)
    return { kind: 'reply', octets: encode({ ...message, response: true, rcode: 9 }), rcode: 9 }
  }
  const through = (octets: Uint8Array, state: ServerState): Reaction =>
    handleMessage(state, { octets, transport: 'tcp', peer: PEER, now: NOW })
  const signed = signMessage(query('example.org', 'AXFR'), KEY, { now: NOW })
  const reaction = through(signed.octets, { ...STATE, transfer: delegate })
  assert.ok(reaction.kind === 'reply')
  assert.ok(verifyMessage(reaction.octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
  through(query('example.org', 'SOA', { opcode: 4 }), { ...STATE, notify: delegate })
  assert.deepEqual(asked, [`0 252 ${KEY.name.key}`, '4 6 -'])
  for (const octets of [query('example.org', 'SOA'), query('example.org', 'SOA', { opcode: 5 })])
    through(octets, { ...STATE, transfer: delegate, notify: delegate })
  const none = encodeMessage({ ...EMPTY_MESSAGE, opcode: 4 }).octets
  assert.equal(through(none, { ...STATE, notify: delegate }).kind, 'reply')
  assert.equal(asked.length, 2)
  assert.equal(formatRcode(replyTo(query('example.org', 'AXFR'), 'tcp').rcode), 'REFUSED')
})

test('answers what it cannot read with the header alone', () => {
  const reply = replyTo(query('example.org', 'SOA').subarray(0, 20))
  assert.equal(formatRcode(reply.rcode), 'FORMERR')
  assert.equal(reply.id, 5)
  assert.equal(reply.questions.length, 0)
})

test('opcodes without meaning here', () => {
  for (const opcode of [1, 2, 3, 4, 6, 15])
    assert.equal(formatRcode(replyTo(query('example.org', 'SOA', { opcode })).rcode), 'NOTIMP')
})

test('OPT is answered with OPT, and a version above 0 with BADVERS', () => {
  assert.equal(replyTo(query('example.org', 'SOA')).edns, undefined)
  assert.equal(replyTo(query('example.org', 'SOA', { edns: edns(4096) })).edns?.udpOctets, 1232)
  const bad = replyTo(query('example.org', 'SOA', { edns: edns(4096, 1) }))
  assert.equal(formatRcode(bad.rcode), 'BADVERS')
  assert.equal(bad.answers.length, 0)
})

test('by UDP at most what the client takes, and never above 1232; by TCP all', () => {
  const size = (octets: Uint8Array, transport: 'udp' | 'tcp' = 'udp'): number => {
    const reaction = react(octets, transport)
    return reaction.kind === 'reply' ? reaction.octets.length : -1
  }
  const big = 'big.example.org'
  for (const more of [{}, { edns: edns(100) }, { edns: edns(512) }]) {
    assert.ok(size(query(big, 'TXT', more)) <= 512)
    assert.ok(replyTo(query(big, 'TXT', more)).truncated)
  }
  assert.ok(size(query(big, 'TXT', { edns: edns(4096) })) <= 1232)
  assert.ok(replyTo(query(big, 'TXT', { edns: edns(4096) })).truncated)
  assert.ok(!replyTo(query(big, 'TXT'), 'tcp').truncated)
  assert.ok(size(query(big, 'TXT'), 'tcp') > 1232)
})

test('an unsigned update is refused', () => {
  assert.equal(formatRcode(replyTo(update, 'tcp').rcode), 'REFUSED')
})

test('a signed update gives a change, and two signed replies', () => {
  const signed = signMessage(update, KEY, { now: NOW })
  const reaction = react(signed.octets, 'tcp')
  assert.ok(reaction.kind === 'change')
  assert.equal(reaction.diff.toSerial, 101)
  for (const [octets, rcode] of [
    [reaction.reply, 'NOERROR'],
    [reaction.failure, 'SERVFAIL'],
  ] as const) {
    assert.ok(verifyMessage(octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
    assert.equal(formatRcode(expectOk(decodeMessage(octets), 'decode').rcode), rcode)
  }
})

test('a signed query gets a signed answer that still fits', () => {
  const signed = signMessage(query('big.example.org', 'TXT'), KEY, { now: NOW })
  const reaction = react(signed.octets)
  assert.ok(reaction.kind === 'reply' && reaction.octets.length <= 512)
  assert.ok(verifyMessage(reaction.octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
})

test('TSIG errors: NOTAUTH with the error, unsigned or signed as RFC 8945 §5.3.2 says', () => {
  const error = (octets: Uint8Array, now = NOW): readonly [string, number | undefined, number | undefined] => {
    const reply = replyTo(octets, 'tcp', now)
    return [formatRcode(reply.rcode), reply.tsig?.data.error, reply.tsig?.data.mac.length]
  }
  const by = (key: typeof KEY): Uint8Array => signMessage(update, key, { now: NOW }).octets
  assert.deepEqual(error(by({ ...KEY, name: name('nobody') })), ['NOTAUTH', 17, 0])
  assert.deepEqual(error(by({ ...KEY, algorithm: 'hmac-sha512' })), ['NOTAUTH', 17, 0])
  assert.deepEqual(error(by({ ...KEY, secret: new Uint8Array(9) })), ['NOTAUTH', 16, 0])
  assert.deepEqual(error(by(KEY), NOW + 301), ['NOTAUTH', 18, 32])
  const signed = signMessage(update, KEY, { now: NOW })
  const late = react(signed.octets, 'tcp', NOW + 1000)
  assert.ok(late.kind === 'reply')
  const other = expectOk(decodeMessage(late.octets), 'decode').tsig?.data.other
  assert.deepEqual(new DataView(new Uint8Array(other ?? []).buffer).getUint32(2), NOW + 1000)
  assert.ok(verifyMessage(late.octets, [KEY], { now: NOW, requestMac: signed.mac }).ok)
})

test('a replay within the fudge changes nothing more', () => {
  const signed = signMessage(update, KEY, { now: NOW }).octets
  const first = react(signed, 'tcp')
  assert.ok(first.kind === 'change')
  const again = handleMessage(
    { ...STATE, zones: zoneSet([first.zone]) },
    { octets: signed, transport: 'tcp', peer: PEER, now: NOW + 10 },
  )
  assert.ok(again.kind === 'reply' && again.rcode === 0)
})
