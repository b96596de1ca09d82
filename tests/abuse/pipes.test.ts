// The sockets of a running bottle, asked by those who may not: each is turned away, and the service says so.

import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type Authority, createAuthority, loadAuthority } from '@scop/mesh/authority'
import { connectPipe, type Identity } from '@scop/mesh/node'
import { SERVICES, type ServiceName } from '@scop/bottle'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'

const TRACE = '0000000000000000'
let bottle: TestBottle
let authority: Authority
before(async () => {
  bottle = await startTestBottle({ domain: 'pipes.example', name: 'alice', address: '127.0.43.1' })
  authority = await loadAuthority({
    keyPem: readFileSync(bottle.home.authorityKey, 'utf8'),
    certificatePem: readFileSync(bottle.home.authorityCertificate, 'utf8'),
  })
})
after(async () => {
  await bottle?.stop()
  rmSync(bottle.home.directory, { recursive: true, force: true })
})

async function identityOf(
  role: string,
  issuer: Authority = authority,
  trusted: Authority = authority,
): Promise<Identity> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return {
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: await issuer.issue(role, der, { nowMs: Date.now(), lifetimeSeconds: 60 }),
    authorityPem: trusted.certificatePem,
  }
}

/** What `role` is told when it calls `callee.operation`: the kind of the error, or `answered`. */
async function asRole(
  identity: Identity,
  callee: ServiceName,
  operation: string,
  request: unknown = {},
): Promise<string> {
  const pipe = connectPipe({
    bottle: 'bench',
    identity: () => identity,
    role: callee,
    to: bottle.home.pipes[callee],
    limits: { callMs: 1500 },
  })
  const answer = await pipe.call(operation, { request, trace: TRACE, timeoutMs: 1500 })
  await pipe.close()
  return answer.ok ? 'answered' : answer.error.kind
}

async function refusals(service: ServiceName): Promise<number> {
  const health = expectOk(await bottle.calls.call(service, 'health', {}, { trace: TRACE }), 'ask its health')
  return health.response.figures['pipe_refusals_total'] ?? 0
}

async function assertCounted(service: ServiceName, before: number): Promise<void> {
  for (let tries = 0; (await refusals(service)) <= before; tries++) {
    assert.ok(tries < 40, `${service} has not counted a refusal`)
    await sleep(25)
  }
}

const PASSWORD = { username: 'alice@pipes.example', password: 'correct horse battery staple' }
const WRONG: readonly (readonly [string, ServiceName, string, unknown?])[] = [
  ['receiver', 'signer', 'submit'],
  ['receiver', 'directory', 'verify-password', PASSWORD],
  ['receiver', 'mailbox', 'deliver'],
  ['receiver', 'relay', 'enqueue'],
  ['relay', 'directory', 'verify-password', PASSWORD],
  ['relay', 'mailbox', 'read'],
  ['relay', 'signer', 'submit'],
  ['verifier', 'directory', 'resolve'],
  ['verifier', 'mailbox', 'list'],
  ['submission', 'relay', 'enqueue'],
  ['submission', 'signer', 'keys'],
  ['submission', 'mailbox', 'deliver'],
  ['signer', 'relay', 'queue-drop'],
  ['signer', 'dns-primary', 'add-zone'],
  ['mailbox', 'directory', 'owns'],
  ['supervisor', 'mailbox', 'read'],
  ['operator', 'relay', 'enqueue'],
  ['operator', 'directory', 'verify-password', PASSWORD],
  ['stranger', 'directory', 'resolve'],
]
for (const [role, callee, operation, request] of WRONG) {
  test(`a certificate of ${role} does not call ${callee}.${operation}`, async () => {
    const before = await refusals(callee)
    assert.equal(await asRole(await identityOf(role), callee, operation, request), 'refused')
    await assertCounted(callee, before)
  })
}

test('the same calls by whom they are for are answered, so that it is the role that is refused', async () => {
  const submission = await identityOf('submission')
  assert.equal(await asRole(submission, 'directory', 'verify-password', PASSWORD), 'answered')
  assert.equal(
    await asRole(await identityOf('receiver'), 'directory', 'resolve', { mailbox: bottle.account }),
    'answered',
  )
})

test('refusals stand in the log, with who and what', async () => {
  await asRole(await identityOf('receiver'), 'directory', 'verify-password', PASSWORD)
  for (let tries = 0; ; tries++) {
    const lines = readFileSync(bottle.home.log, 'utf8').split('\n')
    if (
      lines.some((line) => /"pipe refused"/.test(line) && /bench\/receiver/.test(line) && /verify-password/.test(line))
    )
      break
    assert.ok(tries < 40, 'no such line in the log')
    await sleep(25)
  }
})

for (const service of SERVICES) {
  test(`${service}: another bottle's certificate, of the very role that may call`, async () => {
    const other = await createAuthority('bench', { nowMs: Date.now() })
    const before = await refusals(service)
    const answer = await asRole(await identityOf('operator', other), service, 'health')
    assert.ok(answer === 'refused' || answer === 'unreachable' || answer === 'aborted', answer)
    await assertCounted(service, before)
  })

  test(`${service}: no certificate; no TLS; TLS 1.2`, async () => {
    const { path } = bottle.home.pipes[service]
    assert.equal(await handshake(connectTls({ path, ...CLIENT })), 'closed')
    const identity = await identityOf('operator')
    const tls12 = { ...credentials(identity), maxVersion: 'TLSv1.2' } as const
    assert.equal(await handshake(connectTls({ path, ...CLIENT, ...tls12 })), 'closed')
    const clear = connectTcp(path)
    clear.on('error', () => undefined)
    clear.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    await Promise.race([closing(clear), sleep(5000).then(() => Promise.reject(new Error('clear text is heard')))])
  })
}

test('a TLS session of one service is not resumed at another, nor at the same', async () => {
  const identity = await identityOf('operator')
  const options = { ...CLIENT, ...credentials(identity) }
  const sessions: Buffer[] = []
  const first = connectTls({ path: bottle.home.pipes.directory.path, ...options })
  first.on('session', (session) => sessions.push(session))
  first.on('error', () => undefined)
  await once(first, 'secureConnect')
  assert.equal(first.authorized, true)
  await sleep(100) // tickets come after the handshake
  const session = sessions.at(-1) ?? first.getSession()
  first.destroy()
  for (const service of ['directory', 'mailbox', 'signer'] as const) {
    const again = connectTls({
      path: bottle.home.pipes[service].path,
      ...options,
      ...(session !== undefined && { session }),
    })
    again.on('error', () => undefined)
    await once(again, 'secureConnect')
    assert.equal(again.isSessionReused(), false, service)
    assert.match(again.getPeerX509Certificate()?.subjectAltName ?? '', new RegExp(`URI:spiffe://bench/${service}\\b`))
    again.destroy()
  }
})

test('an operation outside every edge is refused', async () => {
  const operator = await identityOf('operator')
  for (const operation of ['nothing', '../health', 'health/', 'HEALTH']) {
    assert.equal(await asRole(operator, 'relay', operation), 'refused', operation)
  }
})

test('after all this the bottle works', async () => {
  for (const service of SERVICES) await refusals(service)
  const { services } = expectOk(
    await bottle.calls.call('supervisor', 'status', {}, { trace: TRACE }),
    'status',
  ).response
  assert.deepEqual(
    services.filter(({ state, restarts }) => state !== 'running' || restarts > 0),
    [],
  )
})

const CLIENT = { ALPNProtocols: ['h2'], rejectUnauthorized: false, checkServerIdentity: () => undefined }
const credentials = ({ keyPem, certificatePem, authorityPem }: Identity) => ({
  key: keyPem,
  cert: certificatePem,
  ca: authorityPem,
})

const closing = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()))

/** `closed` when the other side ends it, before or (TLS 1.3) right after the handshake; `open` when it stays. */
async function handshake(socket: TLSSocket): Promise<'closed' | 'open'> {
  socket.on('error', () => undefined)
  socket.on('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))
  socket.resume()
  const ended = await Promise.race([closing(socket).then(() => 'closed' as const), sleep(3000, 'open' as const)])
  socket.destroy()
  return ended
}
