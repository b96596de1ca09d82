import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  AnswerPackets,
  answerChaos,
  chaosRdata,
  CLASS,
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  EXTENDED_ERROR,
  extendedErrors,
  formatRcode,
  handleMessage,
  type Message,
  parseType,
  type SelfDescription,
  zoneSet,
} from '../src/index.ts'
import { exampleZone, name } from './example-zone.ts'

const BOTH: SelfDescription = { identity: 'ns1', version: 'names 1' }

for (const [owner, type, self, expected] of [
  ['id.server', 'TXT', BOTH, 'ns1'],
  ['hostname.bind', 'TXT', BOTH, 'ns1'],
  ['VERSION.Bind', 'TXT', BOTH, 'names 1'],
  ['version.server', 'ANY', BOTH, 'names 1'],
  ['version.server', 'A', BOTH, undefined],
  ['id.server', 'TXT', { ...BOTH, identity: undefined }, undefined],
  ['version.bind', 'TXT', { ...BOTH, version: undefined }, undefined],
  ['version.bind', 'TXT', undefined, undefined],
  ['authors.bind', 'TXT', BOTH, undefined],
  ['a.id.server', 'TXT', BOTH, undefined],
  ['server', 'TXT', BOTH, undefined],
  ['example.org', 'SOA', BOTH, undefined],
] as const) {
  test(`CH ${owner} ${type}, ${JSON.stringify(self)}: ${expected ?? 'refused'}`, () => {
    const code = parseType(type) ?? -1
    const query: Message = { ...EMPTY_MESSAGE, questions: [{ name: name(owner), type: code, class: CLASS.CH }] }
    const asked: Message = { ...query, edns: { udpOctets: 1232, version: 0, dnssecOk: false, options: [] } }
    for (const transport of ['udp', 'tcp'] as const) {
      const reaction = handleMessage(
        {
          zones: zoneSet([exampleZone()]),
          keys: [],
          grants: [],
          packets: new AnswerPackets(),
          ...(self && { self }),
        },
        { octets: encodeMessage(asked).octets, transport, peer: { address: '192.0.2.1', port: 4000 }, now: 0 },
      )
      assert.ok(reaction.kind === 'reply')
      const reply = expectOk(decodeMessage(reaction.octets), 'decode our own reply')
      assert.equal(formatRcode(reply.rcode), expected === undefined ? 'REFUSED' : 'NOERROR')
      assert.equal(reply.authoritative, expected !== undefined)
      assert.deepEqual(
        reply.answers.map((record) => [
          record.class,
          record.ttlSeconds,
          Buffer.from(record.rdata.subarray(1)).toString(),
        ]),
        expected === undefined ? [] : [[CLASS.CH, 0, expected]],
      )
      assert.deepEqual(
        extendedErrors(reply.edns).map((error) => error.code),
        expected === undefined ? [EXTENDED_ERROR.PROHIBITED] : [],
      )
    }
    assert.equal(answerChaos(query, self).answers.length, expected === undefined ? 0 : 1)
    assert.equal(
      chaosRdata(name(owner), code, self ?? { identity: undefined, version: undefined }) !== undefined,
      expected !== undefined,
    )
  })
}
