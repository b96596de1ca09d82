import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DS, encodeRdata, type ResourceRecord, ROOT } from '@scop/dns'
import { contradictsSentinel } from '../src/root-key-sentinel.ts'
import { TrustAnchors } from '../src/trust-anchor.ts'
import { name, question } from './signed-tree.ts'

const rdata = encodeRdata(DS, { keyTag: 4066, algorithm: 13, digestType: 2, digest: new Uint8Array(32) })
const anchor: ResourceRecord = { name: ROOT, type: DS.code, class: 1, ttlSeconds: 60, rdata }
const anchors = new TrustAnchors([anchor], [])

// RFC 8509 §3.2
for (const [text, type, fails] of [
  ['root-key-sentinel-is-ta-04066.example', 'A', false],
  ['root-key-sentinel-is-ta-04067.example', 'A', true],
  ['Root-Key-Sentinel-IS-TA-04067.example', 'AAAA', true],
  ['root-key-sentinel-not-ta-04066.example', 'A', true],
  ['root-key-sentinel-not-ta-04067.example', 'A', false],
  ['root-key-sentinel-is-ta-04067.example', 'TXT', false],
  ['root-key-sentinel-is-ta-4067.example', 'A', false],
  ['www.root-key-sentinel-is-ta-04067.example', 'A', false],
  ['.', 'A', false],
] as const) {
  test(`${text} ${type} ${fails ? 'fails' : 'is answered'}`, () =>
    assert.equal(contradictsSentinel(question(text, type), anchors, 0), fails))
}

test('without an anchor of the root no key is trusted', () => {
  const none = new TrustAnchors([{ ...anchor, name: name('example') }], [])
  assert.ok(contradictsSentinel(question('root-key-sentinel-is-ta-04066.example', 'A'), none, 0))
})
