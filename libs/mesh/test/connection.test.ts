// The life of a connection: gone and back, drained, renewed, expired.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { connect as connectNet, createServer } from 'node:net'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import type { PipeEvent } from '../src/node/index.ts'
import { authority, connect, countOctets, identity, pieces, serve, socketPath, until } from './bottle-fixture.ts'

const CALL = { request: 1, trace: 't', timeoutMs: 3000 } as const

test('nobody there is unreachable, after the limit', async (t) => {
  const { server } = await serve(t, {})
  await server.drain()
  const events: PipeEvent[] = []
  const pipe = connect(t, server, { limits: { connectWaitMs: 500 }, onEvent: (event) => events.push(event) })
  const answer = await pipe.call('deliver', CALL)
  assert.equal(answer.ok ? 'answered' : answer.error.kind, 'unreachable')
  assert.ok(events.length > 1 && events.every((event) => event.kind === 'cannot-connect'), 'tried more than once')
})

test('reconnects after the server has died and come back; the open call fails and is not repeated', async (t) => {
  const listen = await socketPath(t)
  const death = new AbortController()
  let calls = 0
  const never = new Promise<never>(() => undefined)
  const first = await serve(t, {
    listen,
    signal: death.signal,
    handle: {
      deliver: () => {
        calls++
        return never
      },
    },
  })
  const pipe = connect(t, first.server)
  const open = pipe.call('deliver', CALL)
  await until(() => calls === 1)
  death.abort()
  const cut = await open
  assert.equal(cut.ok ? 'answered' : cut.error.kind, 'aborted')
  const waiting = pipe.call('deliver', CALL) // while there is nobody
  await new Promise((resolve) => setTimeout(resolve, 30))
  await serve(t, { listen })
  assert.ok((await waiting).ok)
  assert.equal(calls, 1)
})

test('the socket file of a server that was killed is replaced; that of a living one is not', async (t) => {
  const listen = await socketPath(t)
  const dead = createServer((socket) => socket.destroy()).listen(listen.path)
  await once(dead, 'listening')
  await assert.rejects(serve(t, { listen }), /Cannot listen/)
  dead.close()
  await once(dead, 'close')
  const program = `require('net').createServer().listen(${JSON.stringify(listen.path)}, () => console.log('up'))`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.ok((await stat(listen.path)).isSocket(), 'left behind')
  const { server } = await serve(t, { listen })
  assert.ok((await connect(t, server).call('deliver', CALL)).ok)
  assert.equal((await stat(listen.path)).mode & 0o777, 0o600)
})

test('drain lets the open call finish, and takes no new one', async (t) => {
  const gate = Promise.withResolvers<void>()
  const { server } = await serve(t, {
    limits: { drainMs: 5000 },
    handle: {
      deliver: async ({ octets }) => {
        await gate.promise
        return { response: await countOctets(octets), octets: pieces(10, 10_000) }
      },
    },
  })
  const pipe = connect(t, server, { limits: { connectWaitMs: 1000 } })
  const open = pipe.call('deliver', { ...CALL, octets: pieces(100, 10_000) })
  await until(() => server.openCalls === 1)
  let drained = false
  const drain = server.drain().then(() => (drained = true))
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.equal(drained, false)
  const late = await pipe.call('deliver', CALL)
  assert.equal(late.ok ? 'answered' : late.error.kind, 'unreachable')
  gate.resolve()
  const answer = await open
  assert.ok(answer.ok)
  assert.equal(answer.value.response, 1_000_000)
  assert.equal(await countOctets(answer.value.octets), 100_000)
  await drain
})

test('drain gives up on a call that never ends', async (t) => {
  const { server } = await serve(t, {
    limits: { drainMs: 100 },
    handle: { deliver: () => new Promise(() => undefined) },
  })
  const open = connect(t, server).call('deliver', CALL)
  await until(() => server.openCalls === 1)
  await server.drain()
  const answer = await open
  assert.equal(answer.ok ? 'answered' : answer.error.kind, 'aborted')
})

test('renewal drops no open call, and new connections show the new certificate', async (t) => {
  const gate = Promise.withResolvers<void>()
  let current = await identity('mailbox')
  const { server, refused } = await serve(t, {
    identity: () => current,
    handle: {
      deliver: async ({ request, octets }) => {
        if (request === 'slow') await gate.promise
        return { response: await countOctets(octets) }
      },
    },
  })
  const events: string[] = []
  const pipe = connect(t, server, { onEvent: (event) => events.push(event.kind) })
  const open = pipe.call('deliver', { ...CALL, request: 'slow', octets: pieces(100, 10_000) })
  await until(() => server.openCalls === 1)
  current = await identity('mailbox')
  const others: Promise<unknown>[] = []
  server.renew()
  for (let n = 0; n < 40; n++) {
    others.push(
      pipe
        .call('deliver', { ...CALL, octets: pieces(2, 10_000) })
        .then((answer) => assert.deepEqual(answer.ok || answer.error, true)),
    )
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  await Promise.all(others)
  assert.deepEqual(events, ['connected', 'disconnected', 'connected'])
  gate.resolve()
  const answer = await open
  assert.ok(answer.ok)
  assert.equal(answer.value.response, 1_000_000)
  assert.deepEqual(refused, [])
})

test('a caller uses its renewed certificate for the next connection', async (t) => {
  const first = await serve(t, {})
  let asked = 0
  const renewed = await identity('relay')
  const pipe = connect(t, first.server, {
    identity: () => {
      asked++
      return renewed
    },
  })
  assert.ok((await pipe.call('deliver', CALL)).ok)
  first.server.renew()
  await until(() => pipe.facts() === undefined)
  assert.ok((await pipe.call('deliver', CALL)).ok)
  assert.equal(asked, 2)
})

test('a connection ends with the certificate that opened it', async (t) => {
  const { server } = await serve(t, {})
  const brief = await identity('relay', authority, 3) // long enough for a handshake on a busy machine
  const pipe = connect(t, server, { identity: () => brief, limits: { connectWaitMs: 1000 } })
  assert.ok((await pipe.call('deliver', CALL)).ok)
  await until(() => pipe.facts() === undefined)
  const answer = await pipe.call('deliver', CALL)
  assert.equal(answer.ok ? 'answered' : answer.error.kind, 'refused')
})

test('a server that never answers the handshake is unreachable', async (t) => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const { server } = await serve(t, {})
  const address = silent.address()
  assert.ok(address !== null && typeof address === 'object')
  const pipe = connect(t, server, {
    to: { host: '127.0.0.1', port: address.port },
    limits: { handshakeMs: 30, connectWaitMs: 100 },
  })
  const answer = await pipe.call('deliver', CALL)
  assert.equal(answer.ok ? 'answered' : answer.error.kind, 'unreachable')
})

test('a caller that never finishes the handshake is let go', async (t) => {
  const { server, refused } = await serve(t, {
    listen: { host: '127.0.0.1', port: 0 },
    limits: { handshakeMs: 30 },
  })
  assert.ok('port' in server.address)
  const socket = connectNet(server.address.port, server.address.host)
  await once(socket, 'close')
  assert.match(refused[0] ?? '', /handshake/)
})

test('a closed pipe is unreachable', async (t) => {
  const { server } = await serve(t, {})
  const pipe = connect(t, server)
  assert.ok((await pipe.call('deliver', CALL)).ok)
  await pipe.close()
  assert.equal(pipe.facts(), undefined)
  const answer = await pipe.call('deliver', CALL)
  assert.equal(answer.ok ? 'answered' : answer.error.kind, 'unreachable')
})
