import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import {
  decodeMessage,
  EMPTY_MESSAGE,
  encodeMessage,
  encodeQuestion,
  formatName,
  matchReply,
  type Message,
  MX,
  parseRecords,
  readAnswer,
  type ResourceRecord,
  ROOT,
} from '../src/index.ts'
import { name } from './example-zone.ts'

const records = (text: string): readonly ResourceRecord[] => expectOk(parseRecords(text, ROOT), 'read')
const SOA = 'example. 900 SOA a. b. 1 2 3 4 300\n'
const read = (message: Partial<Message>): string => {
  const reading = readAnswer({ ...EMPTY_MESSAGE, ...message }, name('x.example'), MX.code)
  const ttl = 'ttlSeconds' in reading ? ` ${reading.ttlSeconds}` : ''
  const where =
    'name' in reading ? ` ${formatName(reading.name)}` : 'target' in reading ? ` ${formatName(reading.target)}` : ''
  return `${reading.kind}${where}${ttl}${'reason' in reading ? ` ${reading.reason}` : ''}`
}
const circle = Array.from(
  { length: 12 },
  (_, i) => `${i === 0 ? 'x' : `a${i}`}.example. 5 CNAME a${i + 1}.example.\n`,
).join('')

const TABLE: readonly (readonly [string, Partial<Message>, string])[] = [
  ['records', { answers: records('x.example. 60 MX 1 a.\nX.example. 50 MX 2 b.') }, 'records x.example. 50'],
  ['records through an alias', { answers: records('x.example. 9 CNAME y.\ny. 60 MX 1 a.') }, 'records y. 9'],
  ['an alias alone', { answers: records('x.example. 9 CNAME y.') }, 'alias y. 9'],
  [
    'an alias and a denial for its target',
    { answers: records('x.example. 9 CNAME y.example.'), authorities: records(SOA) },
    'nodata y.example. 9',
  ],
  ['records of another name count for nothing', { answers: records('z.example. 60 MX 1 a.') }, 'nodata x.example. 0'],
  ['records of another type count for nothing', { answers: records('x.example. 60 TXT a') }, 'nodata x.example. 0'],
  ['nodata', { authorities: records(SOA) }, 'nodata x.example. 300'],
  ['nxdomain', { rcode: 3, authorities: records(SOA) }, 'nxdomain x.example. 300'],
  ['nxdomain without an SOA is not kept', { rcode: 3 }, 'nxdomain x.example. 0'],
  [
    'the SOA of another zone says nothing',
    { rcode: 3, authorities: records('other. 900 SOA a. b. 1 2 3 4 300') },
    'nxdomain x.example. 0',
  ],
  ['servfail', { rcode: 2 }, 'failed SERVFAIL'],
  ['refused', { rcode: 5 }, 'failed REFUSED'],
  [
    'a referral',
    { authorities: records('example. 60 NS a.') },
    'failed a referral: the server does not answer for this name',
  ],
  ['more aliases than are followed', { answers: records(circle) }, 'failed too many aliases'],
]
for (const [what, message, reading] of TABLE) test(`reads ${what}`, () => assert.equal(read(message), reading))

test('only the answer to the question counts', () => {
  const sent = encodeQuestion(77, name('x.example'), MX.code)
  const asked = expectOk(decodeMessage(sent.octets), 'decode')
  const match = (change: Partial<Message>): boolean =>
    matchReply(sent, encodeMessage({ ...asked, response: true, ...change }).octets) !== undefined
  const question = asked.questions[0]
  assert.ok(question !== undefined)
  assert.ok(match({}))
  assert.ok(match({ questions: [{ ...question, name: name('X.EXAMPLE') }] }))
  assert.ok(match({ questions: [], rcode: 1 }))
  assert.ok(!match({ questions: [] }))
  assert.ok(!match({ response: false }))
  assert.ok(!match({ id: 78 }))
  assert.ok(!match({ opcode: 5 }))
  assert.ok(!match({ questions: [question, question] }))
  assert.ok(!match({ questions: [{ ...question, name: name('y.example') }] }))
  assert.ok(!match({ questions: [{ ...question, type: 1 }] }))
  assert.ok(!match({ questions: [{ ...question, class: 3 }] }))
  assert.equal(matchReply(sent, new Uint8Array(3)), undefined)
  assert.equal(matchReply(sent, encodeMessage({ ...asked, response: true }).octets.subarray(0, -1)), undefined)
})
