import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkIsomorphism, expectedOf, firstDifference, formatExpected } from '@scop/hamlet'
import { CheckTally, runTasks } from '@scop/hamlet/node'
import { parseMessage, readEntity } from '@scop/mime'
import { encodeAscii } from '@scop/octets'

const plain = encodeAscii('Subject: hi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n')
const meant = readEntity(parseMessage(plain), plain)
/** Of `Hello` and a line end. */
const HELLO = '05ade08fcfb104f40b2536a14dfcd6e916d643f5cf8044b19028b607ae8f4908'
const expected = formatExpected(expectedOf(meant))

test('a message that is read as it is meant has no fault', () => {
  assert.deepEqual(checkIsomorphism(plain, { expected, entity: undefined }), [])
  assert.deepEqual(checkIsomorphism(plain, { expected, entity: meant }), [])
})

test('the expected form is JSON in the order of RFC 8785', () => {
  assert.equal(
    expected.slice(0, expected.indexOf(',"fields"')),
    `{"body":{"kind":"leaf","octets":7,"sha256":"${HELLO}","text":{"charset":"utf-8","sha256":"${HELLO}"}}`,
  )
  assert.equal(expected, JSON.stringify(sorted(JSON.parse(expected))))
})

for (const [what, octets, kind] of [
  [
    'another subject',
    encodeAscii('Subject: ho\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n'),
    'fields[0].text',
  ],
  [
    'another body',
    encodeAscii('Subject: hi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHellO\r\n'),
    'body.sha256',
  ],
  [
    'another charset',
    encodeAscii('Subject: hi\r\nContent-Type: text/plain; charset=utf-7\r\n\r\nHello\r\n'),
    'body.text.charset',
  ],
  [
    'a field more',
    encodeAscii('Subject: hi\r\nContent-Type: text/plain; charset=utf-8\r\nX: y\r\n\r\nHello\r\n'),
    'fields[2]',
  ],
] as const) {
  test(`a message with ${what} is found, and where`, () => {
    const [fault] = checkIsomorphism(octets, { expected, entity: undefined })
    assert.equal(fault?.kind, 'not-as-expected')
    assert.ok(fault.detail.startsWith(`${kind}:`), fault.detail)
  })
}

test('another entity written is found', () => {
  const entity = { ...meant, fields: meant.fields.slice(1) }
  assert.deepEqual(
    checkIsomorphism(plain, { expected, entity }).map(({ kind }) => kind),
    ['not-read-back'],
  )
})

test('an entity that cannot be written is found', () => {
  const entity = { ...meant, fields: [{ name: 'a b', kind: 'unstructured', text: '' } as const] }
  assert.equal(checkIsomorphism(plain, { expected, entity })[0]?.kind, 'not-written')
})

test('says where two forms differ', () => {
  assert.equal(firstDifference('{"a":[1,{"b":2}]}', '{"a":[1,{"b":3}]}'), 'a[1].b: expected 2, read 3')
  assert.equal(firstDifference('{"a":1}', '{}'), 'a: expected 1, read nothing')
})

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))
const originals = path.join(vectors, 'originals/hamlet-first-39874.tar.gz')
const limit = Number(process.env['SCOP_HAMLET_ORIGINALS'] ?? 300)
const absent = existsSync(originals) ? false : `no ${originals}`
test(`the first ${limit} of the original Hamlet: given back, and the same after writing`, {
  skip: absent,
}, async () => {
  const tally = new CheckTally()
  const check = { from: 'archive', file: originals, corpus: undefined, limit } as const
  await runTasks(
    [{ kind: 'check', check }],
    (result) => {
      if (result.kind === 'checked') tally.merge(result.summary)
    },
    { jobs: 1, signal: new AbortController().signal, onMails: () => undefined },
  )
  const { mails, faults, examples } = tally.summary()
  assert.equal(mails, limit)
  assert.equal(faults.get('not-lossless') ?? 0, 0)
  assert.equal(faults.get('not-read-back') ?? 0, 0, JSON.stringify(examples))
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}
