import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAnchorFile, parseAnchorFile } from '../src/anchor-file.ts'

const KEY = 'example.com.\t10800\tIN\tDNSKEY\t257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4='
const COMMENT = ';{id = 3613 (ksk), size = 256b}'
const FILE = [
  '; autotrust trust anchor file',
  ';;id: example.com. 1',
  ';;last_queried: 1251100000 ;;Mon Aug 24 07:46:40 2009',
  ';;last_success: 1251100000 ;;Mon Aug 24 07:46:40 2009',
  ';;next_probe_time: 1251105000 ;;Mon Aug 24 09:10:00 2009',
  ';;query_failed: 0',
  ';;query_interval: 5400',
  ';;retry_time: 3600',
  `${KEY} ${COMMENT} ;;state=1 [ ADDPEND ] ;;count=2 ;;lastchange=1251700000 ;;Mon Aug 31 06:26:40 2009`,
  `${KEY.replace('l02W', 'l03W')} ;{id = 19997 (ksk), size = 256b} ;;state=2 [  VALID  ] ;;count=0 ;;lastchange=0 ;;Thu Jan  1 00:00:00 1970`,
  '',
].join('\n')

test('a file, read and written, is the same', () => {
  const anchor = parseAnchorFile(FILE)
  assert.ok(anchor.ok)
  assert.equal(formatAnchorFile(anchor.value), FILE)
  assert.deepEqual(
    anchor.value.keys.map(({ state, seen }) => [state, seen]),
    [
      ['add-pending', 2],
      ['valid', 0],
    ],
  )
})

test('records alone, as dig prints them, are trusted as they stand', () => {
  const anchor = parseAnchorFile(`${KEY} ; ksk\nexample.com. 60 IN DS 3613 15 2 ${'ab'.repeat(32)}\n`)
  assert.ok(anchor.ok)
  assert.equal(anchor.value.keys[0]?.state, 'valid')
  assert.equal(anchor.value.ds.length, 1)
  assert.equal(anchor.value.nextProbe, 0)
})

test('a zone whose keys are all revoked says so', () => {
  const anchor = parseAnchorFile(FILE.replace('file\n', 'file\n;;REVOKED\n; more\n'))
  assert.ok(anchor.ok)
  assert.ok(anchor.value.revoked)
  assert.match(formatAnchorFile(anchor.value), /\n;;REVOKED\n; The zone has all keys revoked, and is\n/)
})

const REFUSED: readonly (readonly [title: string, text: string, kind: string])[] = [
  ['nothing', '', 'no-anchor'],
  ['only comments', '; x\n;;id: example.com. 1\n', 'no-anchor'],
  ['keys of two zones', `${KEY}\n${KEY.replace('example.com', 'example.net')}\n`, 'several-zones'],
  ['a key of another zone than the id', `;;id: example.net. 1\n${KEY}\n`, 'several-zones'],
  ['an id that is no name', `;;id: a..b 1\n${KEY}\n`, 'not-a-record'],
  ['no record', 'trust me\n', 'not-a-record'],
  ['a key that is cut', 'example.com. 60 IN DNSKEY 257 3 15\n', 'not-a-record'],
  ['an unknown state', `${KEY} ;;state=9 [ x ]\n`, 'unknown-state'],
  ['a key in a state that is never kept', `${KEY} ;;state=0 [ START ]\n`, 'unknown-state'],
  ['a number that is none', `;;query_failed: many\n${KEY}\n`, 'bad-number'],
  ['a file of two megabytes', `;${'x'.repeat(2_000_000)}\n${KEY}\n`, 'too-long'],
]
for (const [title, text, kind] of REFUSED) {
  test(`refuses ${title}: ${kind}`, () => {
    const anchor = parseAnchorFile(text)
    assert.equal(anchor.ok ? 'accepted' : anchor.error.kind, kind)
  })
}
