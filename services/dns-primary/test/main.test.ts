// The service as a process, with the permissions that it has in a bottle; killed while the signer publishes.

import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test, type TestContext } from 'node:test'
import { type Boot, type FromService, type FromSupervisor, settingsFor } from '@scop/bottle'
import { parseConfiguration } from '@scop/bottle/configuration'
import { createCalls } from '@scop/bottle/node'
import { makeRecord, parseName, ROOT, type TsigKey, TXT } from '@scop/dns'
import { askServer, sendUpdate } from '@scop/dns/node'
import { createAuthority } from '@scop/mesh/authority'
import { expectOk } from '@scop/result'
import { privileges } from '../privileges.ts'

const SECRET = new Uint8Array(32).fill(5)
const KEY: TsigKey = {
  name: expectOk(parseName('signer._update.one', ROOT), 'read'),
  algorithm: 'hmac-sha256',
  secret: SECRET,
}
const TEXT = '$TTL 60\n@ SOA ns root 1 7200 900 1209600 1\n@ NS ns\nns A 127.0.0.1\n'

type Bottle = {
  readonly run: () => Promise<ChildProcess>
  readonly port: number
  readonly addZone: () => Promise<void>
}

/** A bottle of this one service; `run` starts its process and resolves when it is ready. */
async function bottle(t: TestContext): Promise<Bottle> {
  const directory = mkdtempSync(join(tmpdir(), 'scop-dns-primary-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const nowMs = Date.now()
  const authority = await createAuthority('one', { nowMs })
  const port = await freePort()
  const path = join(directory, 'pipe.sock')
  const configuration = expectOk(
    parseConfiguration(`bottle: one
hostname: mx.one.example
public-address: 127.0.0.1
listen: { submissions: "127.0.0.1:465", submission: "127.0.0.1:587", smtp: "127.0.0.1:25", dns: "127.0.0.1:${port}" }
`),
    'read the configuration',
  )
  const boot: Boot = {
    bottle: 'one',
    service: 'dns-primary',
    dataDirectory: directory,
    pipes: { 'dns-primary': { path } },
    settings: settingsFor('dns-primary', configuration),
    secrets: { tsigKey: { name: 'signer._update.one', algorithm: 'hmac-sha256', secret: SECRET.toBase64() } },
    drainSeconds: 5,
    logLevel: 'warn',
  }
  const issue = (role: 'dns-primary' | 'operator', publicKey: Uint8Array): Promise<string> =>
    authority.issue(role, publicKey, { nowMs, lifetimeSeconds: 600 })
  const run = (): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, '../src/main.ts'), [], { execArgv: [...permissions(directory)] })
    t.after(() => child.kill('SIGKILL'))
    return new Promise((done, failed) => {
      const say = (said: FromSupervisor): void => void child.send(said)
      child.on('exit', (code) => failed(new Error(`ended with ${code}`)))
      child.on('message', (message) => {
        const said = message as FromService // as: the channel's other end is the program of this folder
        if (said.kind === 'hello') say({ kind: 'boot', boot })
        else if (said.kind === 'ready') done(child)
        else if (said.kind === 'cannot-start') failed(new Error(said.reason))
        else {
          void issue('dns-primary', Buffer.from(said.publicKey, 'base64')).then((certificate) =>
            say({ kind: 'certificate', certificate, authority: authority.certificatePem, notAfterMs: nowMs + 600_000 }),
          )
        }
      })
    })
  }
  const addZone = async (): Promise<void> => {
    const keys = generateKeyPairSync('ed25519')
    const certificatePem = await issue('operator', keys.publicKey.export({ type: 'spki', format: 'der' }))
    const keyPem = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const calls = createCalls({
      bottle: 'one',
      identity: () => ({ keyPem, certificatePem, authorityPem: authority.certificatePem }),
      pipes: { 'dns-primary': { path } },
      calls: [{ role: 'dns-primary', operations: ['add-zone'] }],
    })
    const request = { zone: 'one.example', text: TEXT, author: 'root', reason: 'test' }
    const added = await calls.call('dns-primary', 'add-zone', request, { trace: '0123456789abcdef' })
    await calls.close()
    assert.ok(added.ok)
  }
  return { run, port, addZone }
}

/** As the supervisor gives them: our own code and data, nothing else. */
function permissions(data: string): readonly string[] {
  const folder = resolve(import.meta.dirname, '..')
  const reads = [
    join(folder, '*'),
    resolve(folder, '../../libs/*'),
    resolve(folder, '../../node_modules/*'),
    data,
    join(data, '*'),
  ]
  return [
    '--permission',
    '--allow-net',
    ...reads.map((place) => `--allow-fs-read=${place}`),
    `--allow-fs-write=${data}`,
    `--allow-fs-write=${join(data, '*')}`,
    `--max-old-space-size=${privileges.limits.heapMebibytes}`,
    '--disable-warning=ExperimentalWarning',
  ]
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(address !== null && typeof address === 'object' ? address.port : 0))
    })
  })
}

test('answers, takes updates, and loses none that it acknowledged to kill -9', async (t) => {
  const { run, port, addZone } = await bottle(t)
  const server = { address: '127.0.0.1', port }
  const zone = expectOk(parseName('one.example', ROOT), 'read')
  let child = await run()
  await addZone()
  const acknowledged: string[] = []
  for (let round = 0; round < 3; round++) {
    const ended = new Promise((done) => child.once('exit', done))
    setTimeout(() => child.kill('SIGKILL'), 60 + 50 * round)
    for (let i = 0; ; i++) {
      const owner = `k${round}-${i}._domainkey.one.example`
      const record = makeRecord(TXT, expectOk(parseName(owner, ROOT), 'read'), 60, { strings: [Uint8Array.of(0x61)] })
      const sent = await sendUpdate({ server, zone, updates: [record], key: KEY, timeoutMs: 2000 })
      if (!sent.ok) break
      acknowledged.push(owner)
    }
    await ended
    child = await run()
  }
  for (const owner of acknowledged) {
    const name = expectOk(parseName(owner, ROOT), 'read')
    const reply = expectOk(await askServer({ server, name, type: TXT.code }), 'ask')
    assert.equal(reply.answers.length, 1, owner)
  }
  t.diagnostic(`${acknowledged.length} updates acknowledged over 3 kills, all there`)
  assert.ok(acknowledged.length > 0)
  const ended = new Promise((done) => child.once('exit', (code) => done(code)))
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
})
