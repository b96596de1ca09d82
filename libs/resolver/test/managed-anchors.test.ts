import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DNSKEY, DS, encodeRdata, formatRecord, RRSIG, ROOT, typeCoveredBy } from '@scop/dns'
import { makeDs } from '@scop/dnssec'
import { parseAnchorFile } from '../src/index.ts'
import { KEY, NOW_SECONDS, question, signedTree, type Spoil, Validation } from './signed-tree.ts'

const TREE = { ...signedTree(), anchors: [] }
const START_MS = (NOW_SECONDS + 60) * 1000
const asKey = formatRecord({
  name: ROOT,
  type: DNSKEY.code,
  class: 1,
  ttlSeconds: 3600,
  rdata: encodeRdata(DNSKEY, KEY.dnskey),
})
const asDs = formatRecord({
  name: ROOT,
  type: DS.code,
  class: 1,
  ttlSeconds: 3600,
  rdata: encodeRdata(DS, makeDs(ROOT, KEY.dnskey)),
})
const managed = (text: string) => new Validation(TREE, { validation: { managedAnchors: [{ zone: ROOT, text }] } })
const unsigned: Spoil = (message) => ({
  ...message,
  answers: message.answers.filter(({ type, rdata }) => type !== RRSIG.code || typeCoveredBy(rdata) !== DNSKEY.code),
})
const silent: Spoil = (message) => ({ ...message, answers: [] })

for (const [kind, text] of [
  ['DNSKEY', asKey],
  ['DS', asDs],
] as const) {
  test(`an anchor given as ${kind} is probed at once, becomes valid, and is kept`, () => {
    const validation = managed(text)
    const [kept = '', ...more] = validation.probe(START_MS)
    assert.deepEqual(more, [])
    const anchor = parseAnchorFile(kept)
    assert.ok(anchor.ok)
    assert.deepEqual(
      anchor.value.keys.map(({ state }) => state),
      ['valid'],
    )
    assert.equal(anchor.value.lastSuccess, NOW_SECONDS + 60)
    assert.equal(validation.try(question('www.example', 'A'), undefined, START_MS).validated.security, 'secure')
    assert.deepEqual(validation.probe(START_MS + 1000), [], 'the next probe is not due yet')
    assert.equal(validation.validator.due(START_MS + 1000).nextMs, anchor.value.nextProbe * 1000)
  })
}

test('before the first probe the anchor counts as it stands', () => {
  assert.equal(managed(asKey).try(question('www.example', 'A'), undefined, START_MS).validated.security, 'secure')
})

test('a probe that nobody answers changes no file, and comes again', () => {
  const validation = managed(asKey)
  assert.deepEqual(validation.probe(START_MS, silent), [])
  const { nextMs = 0 } = validation.validator.due(START_MS)
  assert.ok(nextMs > START_MS && nextMs <= START_MS + 3_600_000)
})

test('keys that do not verify are counted once there was a success, and never before', () => {
  const validation = managed(asKey)
  assert.deepEqual(validation.probe(START_MS, unsigned), [])
  const later = START_MS + 4_000_000
  assert.equal(validation.probe(later).length, 1)
  const [kept = ''] = validation.probe(later + 100_000_000, unsigned)
  assert.match(kept, /\n;;query_failed: 6\n/)
  assert.match(kept, /state=2 /)
})

test('a file that cannot be read stops the resolver before it begins', () => {
  assert.throws(() => managed('trust everybody'), /Cannot read the trust anchors of \.: not-a-record in line 1/)
})

test('a record that is no anchor stops the resolver before it begins', () => {
  const record = { name: ROOT, type: 16, class: 1, ttlSeconds: 60, rdata: Uint8Array.of(0) }
  assert.throws(() => new Validation(TREE, { validation: { anchors: [record] } }), /no DS and no DNSKEY/)
})

test('a zone whose keys are all revoked counts as one without an anchor', () => {
  const validation = managed(`;;REVOKED\n${asKey}`)
  assert.deepEqual(validation.probe(START_MS), [])
  assert.equal(validation.try(question('www.example', 'A'), undefined, START_MS).validated.security, 'indeterminate')
})
