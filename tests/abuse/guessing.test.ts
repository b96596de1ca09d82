// Guessing passwords over many sessions: after so many failures nobody from there gets a session, the right password or
// not; others do.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { connect, type ConnectionOptions } from 'node:tls'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { enter } from '../harness/submit.ts'

let bottle: TestBottle
before(async () => {
  bottle = await startTestBottle({ domain: 'guess.example', name: 'alice', address: '127.0.42.12' })
})
after(async () => {
  await bottle?.stop()
  rmSync(bottle.home.directory, { recursive: true, force: true })
})

/** One session from `localAddress`: its last words after three wrong passwords. */
function guess(localAddress: string): Promise<string> {
  const { address: host, port } = bottle.configuration.listen.submissions
  const wrong = `AUTH PLAIN ${Buffer.from(`\0${bottle.account}\0wrong`).toString('base64')}\r\n`
  const { promise, resolve } = Promise.withResolvers<string>()
  let heard = ''
  const options: ConnectionOptions & { localAddress: string } = { host, port, localAddress, rejectUnauthorized: false }
  const socket = connect(options)
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  socket.on('close', () => resolve(heard))
  socket.write('EHLO x\r\n')
  for (let i = 0; i < 3; i++) socket.write(wrong)
  return promise
}

test('guesses run into a limit of their address', { timeout: 60_000 }, async () => {
  let heard = ''
  let failures = 0
  for (let sessions = 0; sessions < 60 && !heard.startsWith('421'); sessions++) {
    heard = await guess('127.0.42.13')
    failures += heard.match(/^535 /gm)?.length ?? 0
  }
  assert.match(heard, /^421 Too many failed logins/)
  assert.ok(failures >= 100 && failures < 110, String(failures))
  assert.match(await guess('127.0.42.13'), /^421 /)
  const client = await enter(bottle, 'submissions') // from another address
  client.close()
})
