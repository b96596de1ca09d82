// Publication of keys: before the first signature, and again whenever the operator asks.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { createFigures } from '@scop/bottle'
import { err, ok } from '@scop/result'
import { signerHandlers } from '../src/handlers.ts'
import { openKeyStore } from '../src/key-store.ts'
import type { Publish } from '../src/publish.ts'

const NOW_MS = 1_800_000_000_000

function signer(t: TestContext, publish: Publish) {
  const directory = mkdtempSync(path.join(tmpdir(), 'scop-signer-'))
  const keys = openKeyStore(directory)
  t.after(() => {
    keys.close()
    rmSync(directory, { recursive: true })
  })
  const handlers = signerHandlers({
    keys,
    publish,
    expireAfterSeconds: 3600,
    calls: { call: () => assert.fail('no call'), facts: () => [], close: async () => {} },
    now: () => NOW_MS,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    figures: createFigures(),
  })
  return async (domain: string) => {
    const { response } = await handlers['prepare-domain']({
      peer: 'operator',
      trace: '0123456789abcdef',
      request: { domain },
      octets: (async function* () {})(),
      tail: async () => undefined,
      signal: new AbortController().signal,
    })
    return response.keys.map(({ name }) => name)
  }
}

test('the same keys are published again: their zone may be a new one', async (t) => {
  const published: string[] = []
  const prepare = signer(t, async ({ name }) => {
    published.push(name)
    return ok(undefined)
  })
  const names = await prepare('one.example')
  assert.equal(names.length, 2)
  assert.deepEqual(await prepare('one.example'), names)
  assert.deepEqual(published, [...names, ...names])
})

test('keys that were in a zone once and are refused now are not said to be published', async (t) => {
  let there = true
  const prepare = signer(t, async () => (there ? ok(undefined) : err({ kind: 'temporary', reason: 'NOTAUTH' })))
  await prepare('one.example')
  there = false
  await assert.rejects(prepare('one.example'), /did not take the keys/)
  there = true
  assert.equal((await prepare('one.example')).length, 2)
})

test('refuses what is no domain', async (t) => {
  const prepare = signer(t, () => assert.fail('nothing to publish'))
  for (const text of ['', 'no_domain', '-.example']) await assert.rejects(prepare(text), /is not a domain name/)
})
