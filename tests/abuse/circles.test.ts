// Mail that leads back to where it came from: inside one bottle, where no server stands between two rounds, and between
// two addresses of different servers. It ends, and its sender is told. RFC 5321 §6.3

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { inbox, letterFrom, queueEmpty } from '../harness/inbox.ts'
import { submit } from '../harness/submit.ts'

const BECAUSE = { author: 'test', reason: 'a circle' }
const TRACE = { trace: '0000000000000000' }

let bottle: TestBottle
before(async () => {
  bottle = await startTestBottle({ domain: 'circle.example', name: 'alice', address: '127.0.42.11' })
})
after(async () => {
  await bottle?.stop()
  rmSync(bottle.home.directory, { recursive: true, force: true })
})

test('an alias that leads to the postmaster of our own host, and back', async () => {
  // The host is no domain of ours, so the directory sees an address elsewhere; its postmaster is ours all the same.
  const alias = { alias: 'postmaster@circle.example', targets: ['postmaster@mx.circle.example'] }
  expectOk(await bottle.calls.call('directory', 'add-alias', { ...alias, ...BECAUSE }, TRACE), 'add the alias')
  assert.match(await submit(bottle, alias.alias, 'round and round'), /^250/)
  const report = await letterFrom(bottle, 'Your message could not be delivered')
  assert.match(report, /5\.4\.6[^]*goes in circles/)
  await queueEmpty(bottle)
  assert.equal((await inbox(bottle)).length, 1)
})
