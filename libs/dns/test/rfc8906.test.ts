// The probes of RFC 8906 §8: what a server says to questions that few ask, so that those who ask get an answer.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  AnswerPackets,
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  formatRcode,
  handleMessage,
  type Message,
  parseType,
  type ServerState,
  zoneSet,
} from '../src/index.ts'
import { chainZone } from './chain-zone.ts'
import { exampleZone, name } from './example-zone.ts'

const ZONES = zoneSet([chainZone(exampleZone(), 'nsec')])
const STATES: readonly (readonly [string, ServerState])[] = [
  ['made', { zones: ZONES, keys: [], grants: [] }],
  ['kept', { zones: ZONES, keys: [], grants: [], packets: new AnswerPackets() }],
]
const edns = (more: object = {}): Message['edns'] => ({
  udpOctets: 4096,
  version: 0,
  dnssecOk: false,
  options: [],
  ...more,
})
const ask = (type: string, more: Partial<Message> = {}): Uint8Array =>
  encodeMessage({
    ...EMPTY_MESSAGE,
    id: 8906,
    questions: [{ name: name('example.org'), type: parseType(type) ?? -1, class: 1 }],
    ...more,
  }).octets
const set = (octets: Uint8Array, at: number, bits: number): Uint8Array => {
  const changed = octets.slice()
  changed[at] = (changed[at] ?? 0) | bits
  return changed
}
const UNKNOWN = [{ code: 100, octets: new Uint8Array(0) }]
/** A flag of OPT that means nothing: eight octets from its end, where it has no options. */
const withEdnsFlag = (octets: Uint8Array): Uint8Array => set(octets, octets.length - 4, 0x40)

/** what is asked; the code; whether SOA is the answer; whether OPT is there; transport */
const PROBES: readonly (readonly [string, Uint8Array, string, boolean, boolean, 'udp' | 'tcp'])[] = [
  ['8.1.1 a question about the zone', ask('SOA'), 'NOERROR', true, false, 'udp'],
  ['8.1.2 an unknown type', ask('TYPE1000'), 'NOERROR', false, false, 'udp'],
  ['8.1.3.1 CD', ask('SOA', { checkingDisabled: true }), 'NOERROR', true, false, 'udp'],
  ['8.1.3.1 AD', ask('SOA', { authenticData: true }), 'NOERROR', true, false, 'udp'],
  ['8.1.3.2 the reserved bit', set(ask('SOA'), 3, 0x40), 'NOERROR', true, false, 'udp'],
  ['8.1.3.3 RD', ask('SOA', { recursionDesired: true }), 'NOERROR', true, false, 'udp'],
  ['8.1.4 an unknown opcode', ask('SOA', { opcode: 15, questions: [] }), 'NOTIMP', false, false, 'udp'],
  ['8.1.5 TCP', ask('SOA'), 'NOERROR', true, false, 'tcp'],
  ['8.2.1 EDNS', ask('SOA', { edns: edns() }), 'NOERROR', true, true, 'udp'],
  ['8.2.2 a version to come', ask('SOA', { edns: edns({ version: 1 }) }), 'BADVERS', false, true, 'udp'],
  ['8.2.3 an unknown option', ask('SOA', { edns: edns({ options: UNKNOWN }) }), 'NOERROR', true, true, 'udp'],
  ['8.2.4 an unknown flag', withEdnsFlag(ask('SOA', { edns: edns() })), 'NOERROR', true, true, 'udp'],
  [
    '8.2.5 a version to come with an unknown flag',
    withEdnsFlag(ask('SOA', { edns: edns({ version: 1 }) })),
    'BADVERS',
    false,
    true,
    'udp',
  ],
  [
    '8.2.6 a version to come with an unknown option',
    ask('SOA', { edns: edns({ version: 1, options: UNKNOWN }) }),
    'BADVERS',
    false,
    true,
    'udp',
  ],
  ['8.2.8 DO', ask('SOA', { edns: edns({ dnssecOk: true }) }), 'NOERROR', true, true, 'udp'],
  [
    '8.2.9 a version to come with DO',
    ask('SOA', { edns: edns({ version: 1, dnssecOk: true }) }),
    'BADVERS',
    false,
    true,
    'udp',
  ],
  [
    '8.2.10 several options that are known',
    ask('SOA', {
      edns: edns({
        options: [
          { code: 3, octets: new Uint8Array(0) },
          { code: 8, octets: Uint8Array.of(0, 1, 0, 0) },
          { code: 9, octets: new Uint8Array(0) },
          { code: 10, octets: new Uint8Array(8) },
        ],
      }),
    }),
    'NOERROR',
    true,
    true,
    'udp',
  ],
]
for (const [how, state] of STATES) {
  for (const [what, octets, rcode, hasAnswer, hasEdns, transport] of PROBES) {
    test(`RFC 8906 §${what} (${how})`, () => {
      for (let i = 0; i < 3; i++) {
        const reaction = handleMessage(state, { octets, transport, peer: { address: '192.0.2.1', port: 9 }, now: 1 })
        assert.ok(reaction.kind === 'reply')
        const reply = expectOk(decodeMessage(reaction.octets), 'decode')
        assert.equal(formatRcode(reply.rcode), rcode)
        assert.equal(reply.id, 8906)
        assert.equal(
          reply.answers.some((record) => record.type === parseType('SOA')),
          hasAnswer,
        )
        assert.equal(reply.edns !== undefined, hasEdns)
        assert.equal(reply.edns?.version ?? 0, 0)
        // What means nothing stays zero; AD is for those who validate, RA for those who recurse.
        assert.ok(((reaction.octets[3] ?? 0) & 0xe0) === 0, 'RA, Z or AD')
        assert.equal(reply.checkingDisabled, ((octets[3] ?? 0) & 0x10) !== 0)
        assert.equal(reply.recursionDesired, ((octets[2] ?? 0) & 1) !== 0)
        if (hasEdns) {
          const flagsAt = reaction.octets.length - 4
          assert.equal((reaction.octets[flagsAt] ?? 0) & 0x7f, 0, 'flags of OPT')
          assert.equal(reply.edns?.dnssecOk, ((octets[octets.length - 4] ?? 0) & 0x80) !== 0 || what.includes('DO'))
        }
        if (rcode === 'NOERROR') assert.ok(reply.authoritative)
      }
    })
  }

  test(`RFC 8906 §8.2.7: what is longer than 512 octets, for one who takes no more (${how})`, () => {
    const octets = ask('TXT', {
      questions: [{ name: name('big.example.org'), type: 16, class: 1 }],
      edns: edns({ udpOctets: 512, dnssecOk: true }),
    })
    for (let i = 0; i < 3; i++) {
      const reaction = handleMessage(state, {
        octets,
        transport: 'udp',
        peer: { address: '192.0.2.1', port: 9 },
        now: 1,
      })
      assert.ok(reaction.kind === 'reply' && reaction.octets.length <= 512)
      const reply = expectOk(decodeMessage(reaction.octets), 'decode')
      assert.ok(reply.truncated && reply.edns !== undefined)
    }
  })
}
