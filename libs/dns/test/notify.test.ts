import { parseAddressPrefix } from '@scop/identifiers'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  formatRcode,
  handleMessage,
  makeRecord,
  type Message,
  type NotifyTarget,
  Notifier,
  OPCODE,
  type PeerGrant,
  RCODE,
  receiveNotify,
  responseTo,
  type ServerState,
  signMessage,
  SOA,
  verifyMessage,
  type Zone,
  zoneSet,
} from '../src/index.ts'
import { exampleZone, KEY, name } from './example-zone.ts'

const NOW = 1_700_000_000
const ZONE = exampleZone()
const withSerial = (serial: number): Zone => ({ ...ZONE, soa: { ...ZONE.soa, serial } })
const TARGET: NotifyTarget = { address: '192.0.2.53', port: 53 }
const decode = (octets: Uint8Array): Message => expectOk(decodeMessage(octets), 'decode')
const answerTo = (octets: Uint8Array, rcode: number = RCODE.NOERROR): Uint8Array =>
  encodeMessage(responseTo(decode(octets), rcode)).octets

function counter(): () => number {
  let id = 100
  return () => id++
}

test('tells each target, again and again until it answers', () => {
  const notifier = new Notifier(counter())
  const other = { address: '192.0.2.54', port: 53 }
  notifier.changed(ZONE, [TARGET, other], 0)
  const { datagrams, wakeAtMs } = notifier.due(0)
  assert.deepEqual(
    datagrams.map(({ target }) => target),
    [TARGET, other],
  )
  assert.equal(wakeAtMs, 1000)
  const message = decode(datagrams[0]?.octets ?? new Uint8Array(0))
  assert.equal(message.opcode, OPCODE.NOTIFY)
  assert.ok(message.authoritative && !message.response)
  assert.equal(message.questions[0]?.type, SOA.code)
  assert.equal(message.answers[0]?.type, SOA.code)
  const told = notifier.receive(TARGET.address, answerTo(datagrams[0]?.octets ?? new Uint8Array(0)), 10)
  assert.deepEqual(told, { kind: 'told', zone: ZONE.origin, serial: 100, target: TARGET })
  const again = notifier.due(1000)
  assert.deepEqual(
    again.datagrams.map(({ target }) => target),
    [other],
  )
  assert.equal(again.wakeAtMs, 3000)
})

test('gives up after so many attempts, further and further apart', () => {
  const notifier = new Notifier(counter(), { attempts: 4, firstWaitMs: 1000, longestWaitMs: 3000 })
  notifier.changed(ZONE, [TARGET], 0)
  const times: number[] = []
  let now: number | undefined = 0
  let events: readonly { readonly kind: string }[] = []
  while (now !== undefined) {
    const due = notifier.due(now)
    if (due.datagrams.length > 0) times.push(now)
    events = due.events
    now = due.wakeAtMs
  }
  assert.deepEqual(times, [0, 1000, 3000, 6000])
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['silent'],
  )
})

test('what changes while an answer is waited for is told once, when it has come', () => {
  const notifier = new Notifier(counter())
  notifier.changed(withSerial(1), [TARGET], 0)
  const [first] = notifier.due(0).datagrams
  for (const serial of [2, 3, 4]) notifier.changed(withSerial(serial), [TARGET], 5)
  assert.equal(notifier.due(5).datagrams.length, 0)
  assert.equal(notifier.receive(TARGET.address, answerTo(first?.octets ?? new Uint8Array(0)), 10)?.kind, 'told')
  const [second, ...more] = notifier.due(10).datagrams
  assert.equal(more.length, 0)
  const told = notifier.receive(TARGET.address, answerTo(second?.octets ?? new Uint8Array(0)), 20)
  assert.equal(told?.kind === 'told' && told.serial, 4)
  assert.deepEqual(notifier.due(5000), { datagrams: [], events: [], wakeAtMs: undefined })
})

test('only the answer counts: its address, id, opcode, zone and, with a key, its signature', () => {
  const target = { ...TARGET, key: KEY }
  const notifier = new Notifier(counter())
  notifier.changed(ZONE, [target], NOW * 1000)
  const [sent] = notifier.due(NOW * 1000).datagrams
  const octets = sent?.octets ?? new Uint8Array(0)
  const request = expectOk(verifyMessage(octets, [KEY], { now: NOW }), 'verify')
  const right = encodeMessage(responseTo(decode(octets), RCODE.NOERROR)).octets
  const signed = signMessage(right, KEY, { now: NOW, requestMac: request.mac }).octets
  const receive = (address: string, answer: Uint8Array) => notifier.receive(address, answer, NOW * 1000)
  const altered = (more: Partial<Message>): Uint8Array =>
    signMessage(encodeMessage({ ...decode(right), ...more }).octets, KEY, { now: NOW, requestMac: request.mac }).octets
  assert.equal(receive(TARGET.address, right), undefined)
  assert.equal(receive('192.0.2.99', signed), undefined)
  assert.equal(receive(TARGET.address, altered({ id: 7 })), undefined)
  assert.equal(receive(TARGET.address, altered({ opcode: 0 })), undefined)
  assert.equal(receive(TARGET.address, altered({ response: false })), undefined)
  assert.equal(
    receive(TARGET.address, altered({ questions: [{ name: name('example.net'), type: 6, class: 1 }] })),
    undefined,
  )
  assert.equal(receive(TARGET.address, signMessage(right, KEY, { now: NOW }).octets), undefined)
  assert.equal(receive(TARGET.address, new Uint8Array(5)), undefined)
  assert.equal(receive(TARGET.address, signed)?.kind, 'told')
  assert.equal(receive(TARGET.address, signed), undefined)
})

test('a refusal ends the telling too', () => {
  const notifier = new Notifier(counter())
  notifier.changed(ZONE, [TARGET], 0)
  const [sent] = notifier.due(0).datagrams
  const event = notifier.receive(TARGET.address, answerTo(sent?.octets ?? new Uint8Array(0), RCODE.NOTAUTH), 1)
  assert.equal(event?.kind === 'refused' && formatRcode(event.rcode), 'NOTAUTH')
  assert.equal(notifier.due(10_000).datagrams.length, 0)
})

const from = (text: string): PeerGrant => ({ from: expectOk(parseAddressPrefix(text), 'read') })
const notifyMessage = (more: Partial<Message> = {}): Uint8Array =>
  encodeMessage({
    ...EMPTY_MESSAGE,
    id: 9,
    opcode: OPCODE.NOTIFY,
    questions: [{ name: ZONE.origin, type: SOA.code, class: 1 }],
    answers: [makeRecord(SOA, ZONE.origin, 60, { ...ZONE.soa, serial: 200 })],
    ...more,
  }).octets

/** what; message; who may; answer */
const HEARD: readonly (readonly [string, Uint8Array, readonly PeerGrant[], string])[] = [
  ['from the primary', notifyMessage(), [from('192.0.2.1')], 'heard 200'],
  ['without a serial', notifyMessage({ answers: [] }), [from('192.0.2.1')], 'heard undefined'],
  [
    'with a broken hint',
    notifyMessage({ answers: [{ ...makeRecord(SOA, name('x'), 1, ZONE.soa) }] }),
    [from('192.0.2.1')],
    'heard undefined',
  ],
  ['signed by the primary', signMessage(notifyMessage(), KEY, { now: NOW }).octets, [{ key: KEY.name }], 'heard 200'],
  ['from a stranger', notifyMessage(), [from('192.0.2.2')], 'REFUSED'],
  ['unsigned', notifyMessage(), [{ key: KEY.name }], 'REFUSED'],
  ['signed by another', signMessage(notifyMessage(), KEY, { now: NOW }).octets, [{ key: name('other') }], 'REFUSED'],
  [
    'of a zone of our own',
    notifyMessage({ questions: [{ name: name('example.net'), type: SOA.code, class: 1 }] }),
    [from('192.0.2.1')],
    'NOTAUTH',
  ],
  [
    'of another type',
    notifyMessage({ questions: [{ name: ZONE.origin, type: 1, class: 1 }] }),
    [from('192.0.2.1')],
    'FORMERR',
  ],
  [
    'of class CH',
    notifyMessage({ questions: [{ name: ZONE.origin, type: SOA.code, class: 3 }] }),
    [from('192.0.2.1')],
    'FORMERR',
  ],
]
for (const [what, octets, peers, expected] of HEARD) {
  test(`NOTIFY ${what}: ${expected}`, () => {
    const state: ServerState = {
      zones: zoneSet([ZONE]),
      keys: [KEY],
      grants: [],
      notify: receiveNotify(new Map([[ZONE.origin.key, peers]])),
    }
    const peer = { address: '192.0.2.1', port: 5353 }
    const reaction = handleMessage(state, { octets, transport: 'udp', peer, now: NOW })
    assert.ok(reaction.kind === 'notified' || reaction.kind === 'reply')
    const reply = decode(reaction.octets)
    assert.equal(reply.id, 9)
    assert.equal(reaction.kind === 'notified' ? `heard ${reaction.serial}` : formatRcode(reply.rcode), expected)
  })
}
