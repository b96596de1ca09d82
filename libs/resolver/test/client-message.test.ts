// RFC 4035 §3.2, RFC 6840 §5.7 and §5.8, RFC 6891 §6.1.3, RFC 8914 §2
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  extendedErrors,
  formatRcode,
  formatType,
  type Message,
  parseName,
  parseRecords,
  parseType,
  ROOT,
} from '@scop/dns'
import { expectOk } from '@scop/result'
import {
  formatClientReply,
  groupRecords,
  type Outcome,
  readClientMessage,
  RESOLVER_CONFIG,
  TRUST,
} from '../src/index.ts'

const name = expectOk(parseName('a.example', ROOT), 'read')
const edns = (dnssecOk = false, udpOctets = 1232, version = 0): NonNullable<Message['edns']> => ({
  udpOctets,
  version,
  dnssecOk,
  options: [],
})
const message = (changes: Partial<Message> = {}): Message => ({
  ...EMPTY_MESSAGE,
  id: 7,
  recursionDesired: true,
  questions: [{ name, type: 1, class: 1 }],
  ...changes,
})
const SIGNATURE = 'RRSIG A 13 2 60 20300101000000 20200101000000 1 example. YQ=='
const rrsets = (text: string) => groupRecords(expectOk(parseRecords(text, ROOT), text), TRUST.answer)
const outcome = (changes: Partial<Outcome> = {}): Outcome => ({
  status: 'secure',
  rcode: 0,
  answer: rrsets(`a.example. 60 IN A 192.0.2.1\na.example. 60 IN ${SIGNATURE}`),
  authority: rrsets('example. 60 IN SOA a b 1 2 3 4 5\na.example. 60 IN NSEC b.example. A'),
  additional: [],
  ede: [],
  ttlSeconds: 60,
  stale: false,
  authoritative: false,
  ...changes,
})

test('only a question is a question', () => {
  const cases: readonly (readonly [Partial<Message>, string])[] = [
    [{}, 'question'],
    [{ edns: edns() }, 'question'],
    [{ questions: [{ name, type: 255, class: 1 }] }, 'question'],
    [{ questions: [{ name, type: 16, class: 3 }] }, 'question'],
    [{ response: true }, 'silence'],
    [{ opcode: 5 }, 'NOTIMP'],
    [{ opcode: 4 }, 'NOTIMP'],
    [{ edns: edns(false, 1232, 1) }, 'BADVERS'],
    [{ questions: [] }, 'FORMERR'],
    [{ questions: [{ name, type: parseType('AXFR') ?? 0, class: 1 }] }, 'REFUSED'],
    [{ questions: [{ name, type: parseType('IXFR') ?? 0, class: 1 }] }, 'REFUSED'],
    [{ questions: [{ name, type: parseType('TSIG') ?? 0, class: 1 }] }, 'FORMERR'],
  ]
  for (const [changes, expected] of cases) {
    const read = readClientMessage(encodeMessage(message(changes)).octets)
    const said =
      read.kind === 'reply' ? formatRcode(expectOk(decodeMessage(read.octets), 'read our reply').rcode) : read.kind
    assert.equal(said, expected, JSON.stringify(changes))
  }
  assert.equal(readClientMessage(new Uint8Array(11)).kind, 'silence')
  const cut = readClientMessage(encodeMessage(message()).octets.subarray(0, 14))
  assert.ok(cut.kind === 'reply')
  const reply = expectOk(decodeMessage(cut.octets), 'read our reply')
  assert.deepEqual([reply.id, reply.response, reply.rcode, reply.questions.length], [7, true, 1, 0])
})

const replyTo = (request: Partial<Message>, said: Partial<Outcome>, transport: 'udp' | 'tcp' = 'udp'): Message =>
  expectOk(decodeMessage(formatClientReply(message(request), outcome(said), transport)), 'read our reply')
const types = (records: Message['answers']): string => records.map(({ type }) => formatType(type)).join(' ')

test('signatures and proofs go to who sets DO, AD to who sets DO or AD', () => {
  const cases: readonly (readonly [Partial<Message>, Partial<Outcome>, string, boolean])[] = [
    [{}, {}, 'A / SOA', false],
    [{ authenticData: true }, {}, 'A / SOA', true],
    [{ edns: edns() }, {}, 'A / SOA', false],
    [{ edns: edns(true) }, {}, 'A RRSIG / SOA NSEC', true],
    [{ edns: edns(true), authenticData: true }, { status: 'insecure' }, 'A RRSIG / SOA NSEC', false],
    [{ edns: edns(true), authenticData: true }, { status: 'indeterminate' }, 'A RRSIG / SOA NSEC', false],
    [{ questions: [{ name, type: 47, class: 1 }] }, {}, 'A / SOA NSEC', false],
    [{ edns: edns(true) }, { status: 'bogus' }, ' / ', false],
    [{ edns: edns(true), checkingDisabled: true }, { status: 'bogus' }, 'A RRSIG / SOA NSEC', false],
  ]
  for (const [request, said, records, ad] of cases) {
    const reply = replyTo(request, said)
    assert.equal(`${types(reply.answers)} / ${types(reply.authorities)}`, records, JSON.stringify(request))
    assert.equal(reply.authenticData, ad)
    assert.equal(reply.rcode, said.status === 'bogus' && request.checkingDisabled !== true ? 2 : 0)
    assert.equal(reply.recursionAvailable, true)
    assert.equal(reply.recursionDesired, true)
    assert.equal(reply.checkingDisabled, request.checkingDisabled === true)
    assert.equal(reply.edns?.dnssecOk, request.edns?.dnssecOk)
  }
})

test('beside signed data no unsigned additional records are told, also not to who checks by himself', () => {
  const additional = rrsets(`h.example. 60 IN A 192.0.2.1\nh.example. 60 IN AAAA ::1\nh.example. 60 IN ${SIGNATURE}`)
  const unsigned = rrsets('a.example. 60 IN A 192.0.2.1')
  for (const [answer, told] of [
    [outcome().answer, 'A'],
    [unsigned, 'A AAAA'],
    [[...outcome().answer, ...unsigned], 'A AAAA'],
    [[], 'A AAAA'],
  ] as const) {
    for (const checkingDisabled of [false, true]) {
      const said = formatClientReply(message({ checkingDisabled }), outcome({ answer, additional }), 'tcp', {
        ...RESOLVER_CONFIG,
        minimalResponses: false,
      })
      assert.equal(types(expectOk(decodeMessage(said), 'read our reply').additionals), told)
    }
  }
})

test('why it failed is told to who speaks EDNS', () => {
  const ede = [{ code: 7, text: 'signature expired' }]
  assert.deepEqual(extendedErrors(replyTo({ edns: edns() }, { status: 'bogus', ede }).edns), ede)
  assert.equal(replyTo({}, { status: 'bogus', ede }).edns, undefined)
})

test('by UDP a reply has what the client takes, 1232 octets at most; by TCP all', () => {
  const many = rrsets(Array.from({ length: 90 }, (_, i) => `${i}.a.example. 60 IN A 192.0.2.${i}`).join('\n'))
  const octets = (request: Partial<Message>, transport: 'udp' | 'tcp'): Uint8Array =>
    formatClientReply(message(request), outcome({ answer: many }), transport)
  for (const [request, most] of [
    [{}, 512],
    [{ edns: edns(false, 100) }, 512],
    [{ edns: edns(false, 700) }, 700],
    [{ edns: edns(false, 4096) }, 1232],
  ] as const) {
    const cut = octets(request, 'udp')
    assert.ok(cut.length <= most && cut.length > most - 40, `${cut.length} of ${most}`)
    assert.equal(expectOk(decodeMessage(cut), 'read').truncated, true)
  }
  assert.equal(expectOk(decodeMessage(octets({}, 'tcp')), 'read').answers.length, 90)
})
