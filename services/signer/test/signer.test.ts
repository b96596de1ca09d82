import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { startVerifying } from '@scop/dkim'
import { parseDomainName } from '@scop/identifiers'
import { parseHeaderSection } from '@scop/mime'
import { expectOk } from '@scop/result'
import { openKeyStore } from '../src/key-store.ts'
import { signMessage } from '../src/sign-message.ts'

const NOW_MS = 1_800_000_000_000
const domain = expectOk(parseDomainName('one.example'), 'parse')

function storeIn(t: TestContext) {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-keys-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return () => {
    const store = openKeyStore(directory)
    t.after(() => store.close())
    return store
  }
}

test('two keys for a domain, made once, there after a restart', async (t) => {
  const open = storeIn(t)
  const store = open()
  const [first, again] = await Promise.all([store.create(domain, NOW_MS), store.create(domain, NOW_MS)])
  assert.deepEqual(
    first.map(({ algorithm, name }) => [algorithm, name]).toSorted(([a = ''], [b = '']) => a.localeCompare(b)),
    [
      ['ed25519-sha256', 's20270115e._domainkey.one.example'],
      ['rsa-sha256', 's20270115r._domainkey.one.example'],
    ],
  )
  assert.deepEqual(
    again.map(({ record }) => record),
    first.map(({ record }) => record),
  )
  assert.ok(first.every(({ publishedAtMs }) => publishedAtMs === undefined))
  const [key] = first
  assert.ok(key)
  await store.published(domain, key.selector, NOW_MS)
  const found = open().keysOf(domain)
  assert.deepEqual(
    found.map(({ record }) => record),
    first.map(({ record }) => record),
  )
  assert.equal(found.find(({ selector }) => selector === key.selector)?.publishedAtMs, NOW_MS)
})

test('both signatures verify, at any cut, and the octets are untouched', async (t) => {
  const keys = await storeIn(t)().create(domain, NOW_MS)
  const message = 'From: <alice@one.example>\r\nSubject: x\r\n\r\nbody\r\n.dot\r\n'
  for (const cut of [1, 5, 1000]) {
    async function* pieces() {
      for (let at = 0; at < message.length; at += cut) yield Buffer.from(message.slice(at, at + cut))
    }
    const signed = expectOk(await signMessage(pieces(), keys, { nowMs: NOW_MS, expireAfterSeconds: 3600 }), 'sign')
    let passed = ''
    for await (const chunk of signed.octets) passed += Buffer.from(chunk).toString()
    assert.equal(passed, message)
    const whole = Buffer.concat([signed.finish(), Buffer.from(message)])
    const { header, bodyStart } = expectOk(parseHeaderSection(whole), 'parse')
    const verifying = startVerifying(header, { nowSeconds: NOW_MS / 1000 })
    verifying.update(whole.subarray(bodyStart))
    const answers = new Map(keys.map(({ name, record }) => [name, { kind: 'texts' as const, texts: [record] }]))
    assert.deepEqual(
      verifying.finish(answers).map(({ result }) => result),
      ['pass', 'pass'],
    )
  }
})

for (const [what, message] of [
  ['no From', 'Subject: x\r\n\r\n'],
  ['two From', 'From: <a@one.example>\r\nFrom: <b@one.example>\r\n\r\n'],
] as const) {
  test(`does not sign a message with ${what}`, async (t) => {
    const keys = await storeIn(t)().create(domain, NOW_MS)
    const signed = await signMessage(
      (async function* () {
        yield Buffer.from(message)
      })(),
      keys,
      { nowMs: NOW_MS, expireAfterSeconds: 3600 },
    )
    assert.ok(!signed.ok)
  })
}
