// Questions on their way: by UDP, TCP and TLS, against servers that behave as the world does.
// RFC 5452 §9, RFC 7766 §6.2 and §7, RFC 7858 §3

import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { parseIpAddress } from '@scop/identifiers'
import { issueServerCertificate } from '@scop/mesh/authority'
import { expectOk } from '@scop/result'
import type { ServerAddress } from '../../src/index.ts'
import type { Exchanges, Reports } from '../../src/node/exchange.ts'
import { streamExchanges } from '../../src/node/stream-exchanges.ts'
import { udpExchanges, type UdpLimits } from '../../src/node/udp-exchanges.ts'

const HOST = '127.0.0.1'
const at = (port: number, tlsName?: string): ServerAddress => ({
  address: expectOk(parseIpAddress(HOST), 'parse'),
  port,
  ...(tlsName !== undefined && { tlsName }),
})
const message = (id: number, text = 'q'): Uint8Array => Buffer.concat([Uint8Array.of(id >> 8, id), Buffer.from(text)])
const said = (octets: Uint8Array): string => Buffer.from(octets.subarray(2)).toString()

/** Collects what is reported, in its order; `next` waits for one more. */
function listener(): { readonly reports: Reports; readonly heard: string[]; readonly next: () => Promise<string> } {
  const heard: string[] = []
  const waiting: ((line: string) => void)[] = []
  let given = 0
  const add = (line: string): void => {
    heard.push(line)
    waiting.shift()?.(line)
  }
  return {
    heard,
    reports: {
      reply: (exchange, octets) => add(`${exchange} ${said(octets)}`),
      failed: (exchange, reason) => add(`${exchange} failed ${reason}`),
    },
    next: () => {
      const line = heard[given++]
      return line === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(line)
    },
  }
}

async function udpServer(
  t: TestContext,
  answer: (octets: Buffer, from: RemoteInfo, say: (octets: Uint8Array) => void) => void,
): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (octets, from) => answer(octets, from, (reply) => socket.send(reply, from.port, from.address)))
  await new Promise<void>((resolve) => socket.bind(0, HOST, resolve))
  t.after(() => socket.close())
  return socket.address().port
}

function udp(t: TestContext, reports: Reports, limits: Partial<UdpLimits> = {}): Exchanges {
  const exchanges = udpExchanges(reports, { limits, random: (below) => randomInt(below) })
  t.after(() => exchanges.close())
  return exchanges
}

test('each question by UDP has a port of its own, and hears all that its server says', async (t) => {
  const ports = new Set<number>()
  const port = await udpServer(t, (octets, from, say) => {
    ports.add(from.port)
    say(message(9, 'not it'))
    say(octets)
  })
  const { reports, next, heard } = listener()
  const exchanges = udp(t, reports)
  for (let i = 0; i < 20; i++) {
    exchanges.send({ exchange: i, server: at(port), octets: message(i, `m${i}`), timeoutMs: 5000 })
    assert.equal(await next(), `${i} not it`)
    assert.equal(await next(), `${i} m${i}`)
    exchanges.cancel(i)
  }
  assert.ok(ports.size >= 19, `${ports.size} ports`)
  assert.equal(exchanges.size, 0)
  assert.equal(heard.length, 40)
})

test('who is not the server is not heard', async (t) => {
  const stranger = createSocket('udp4')
  t.after(() => stranger.close())
  const port = await udpServer(t, (octets, from, say) => {
    stranger.send(message(1, 'false'), from.port, from.address, () => say(octets))
  })
  const { reports, next, heard } = listener()
  const exchanges = udp(t, reports)
  exchanges.send({ exchange: 1, server: at(port), octets: message(1, 'true'), timeoutMs: 5000 })
  assert.equal(await next(), '1 true')
  assert.equal(heard.length, 1)
})

test('a flood of datagrams is heard up to its bound, and silence until its time', async (t) => {
  const port = await udpServer(t, (octets, _from, say) => {
    for (let i = 0; i < 10; i++) say(octets)
  })
  const quiet = await udpServer(t, () => undefined)
  const { reports, heard } = listener()
  const exchanges = udp(t, reports, { datagrams: 3 })
  exchanges.send({ exchange: 1, server: at(port), octets: message(1), timeoutMs: 5000 })
  const silent = listener()
  udp(t, silent.reports).send({ exchange: 2, server: at(quiet), octets: message(2), timeoutMs: 50 })
  assert.equal(await silent.next(), '2 failed timeout')
  assert.deepEqual(heard, ['1 q', '1 q', '1 q'])
})

test('sockets are bounded, those that wait are bounded, and they go in their order', async (t) => {
  const port = await udpServer(t, (octets, _from, say) => say(octets))
  const { reports, next } = listener()
  const exchanges = udp(t, reports, { sockets: 1, waiting: 1 })
  for (const id of [1, 2, 3]) exchanges.send({ exchange: id, server: at(port), octets: message(id), timeoutMs: 5000 })
  const first = [await next(), await next()].toSorted()
  assert.deepEqual(first, ['1 q', '3 failed unreachable'])
  exchanges.cancel(1)
  assert.equal(await next(), '2 q')
})

test('on this machine it is known at once that nobody listens', async (t) => {
  const free = createServer()
  await new Promise<void>((resolve) => free.listen(0, HOST, resolve))
  const { port } = free.address() as { port: number } // as: it listens by TCP
  await new Promise((resolve) => free.close(resolve))
  const { reports, next } = listener()
  udp(t, reports).send({ exchange: 1, server: at(port), octets: message(1), timeoutMs: 5000 })
  assert.equal(await next(), '1 failed refused')
  stream(t, reports).send({ exchange: 2, server: at(port), octets: message(2), timeoutMs: 5000 })
  assert.equal(await next(), '2 failed refused')
})

type Peer = { readonly port: number; readonly connections: Socket[] }

async function listening(t: TestContext, server: Server, connections: Socket[]): Promise<Peer> {
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  t.after(() => {
    for (const socket of connections) socket.destroy()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, connections } // as: it listens by TCP
}

const framed = (octets: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(octets.length >> 8, octets.length), octets])

/** `answer` is told each message; `socket` is where it came from. */
function tcpServer(t: TestContext, answer: (octets: Buffer, socket: Socket) => void): Promise<Peer> {
  const connections: Socket[] = []
  return listening(t, createServer(serve(connections, answer)), connections)
}

function serve(connections: Socket[], answer: (octets: Buffer, socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    connections.push(socket)
    let held = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const length = held.readUInt16BE(0)
        answer(held.subarray(2, 2 + length), socket)
        held = held.subarray(2 + length)
      }
    })
  }
}

function stream(
  t: TestContext,
  reports: Reports,
  options: Partial<Parameters<typeof streamExchanges>[1]> = {},
): Exchanges {
  const exchanges = streamExchanges(reports, { transport: 'tcp', ...options })
  t.after(() => exchanges.close())
  return exchanges
}

test('questions share a connection, and their replies may come in any order, octet by octet', async (t) => {
  const asked: Buffer[] = []
  const { port, connections } = await tcpServer(t, (octets, socket) => {
    asked.push(Buffer.from(octets))
    if (asked.length < 3) return
    for (const one of asked.reverse()) for (const octet of framed(one)) socket.write(Uint8Array.of(octet))
  })
  const { reports, next } = listener()
  const exchanges = stream(t, reports)
  for (const id of [1, 2, 3])
    exchanges.send({ exchange: id * 10, server: at(port), octets: message(id, `m${id}`), timeoutMs: 5000 })
  assert.deepEqual([await next(), await next(), await next()], ['30 m3', '20 m2', '10 m1'])
  assert.equal(connections.length, 1)
})

test('the same message id twice takes two connections; a connection full of questions, too', async (t) => {
  const { port, connections } = await tcpServer(t, (octets, socket) => void socket.write(framed(octets)))
  const { reports, next } = listener()
  const exchanges = stream(t, reports, { limits: { pipelined: 2 } })
  for (const [exchange, id] of [
    [1, 7],
    [2, 7],
    [3, 8],
    [4, 9],
    [5, 10],
  ] as const)
    exchanges.send({ exchange, server: at(port), octets: message(id), timeoutMs: 5000 })
  const heard = new Set<string>()
  for (let i = 0; i < 5; i++) heard.add(await next())
  assert.deepEqual([...heard].toSorted(), ['1 q', '2 q', '3 q', '4 q', '5 q'])
  assert.equal(connections.length, 3)
})

test('a connection that its server closes as idle costs nobody the reply', async (t) => {
  const { port, connections } = await tcpServer(t, (octets, socket) => {
    if (connections.indexOf(socket) === 0 && said(octets) === 'second') socket.destroy()
    else socket.write(framed(octets))
  })
  const { reports, next } = listener()
  const exchanges = stream(t, reports)
  exchanges.send({ exchange: 1, server: at(port), octets: message(1, 'first'), timeoutMs: 5000 })
  assert.equal(await next(), '1 first')
  exchanges.cancel(1)
  exchanges.send({ exchange: 2, server: at(port), octets: message(2, 'second'), timeoutMs: 5000 })
  assert.equal(await next(), '2 second')
  assert.equal(connections.length, 2)
})

test('a server that closes without a word, and one that says nothing', async (t) => {
  const closing = await tcpServer(t, (_, socket) => void socket.destroy())
  const silent = await tcpServer(t, () => undefined)
  const { reports, next } = listener()
  const exchanges = stream(t, reports)
  exchanges.send({ exchange: 1, server: at(closing.port), octets: message(1), timeoutMs: 5000 })
  assert.equal(await next(), '1 failed closed')
  exchanges.send({ exchange: 2, server: at(silent.port), octets: message(2), timeoutMs: 50 })
  assert.equal(await next(), '2 failed timeout')
  assert.equal(closing.connections.length, 1)
})

test('connections are bounded: one that rests makes room, one that is busy does not', async (t) => {
  const one = await tcpServer(t, (octets, socket) => void socket.write(framed(octets)))
  const arrived = Promise.withResolvers<void>()
  const other = await tcpServer(t, () => arrived.resolve())
  const { reports, next } = listener()
  const exchanges = stream(t, reports, { limits: { connections: 1 } })
  exchanges.send({ exchange: 1, server: at(one.port), octets: message(1), timeoutMs: 5000 })
  assert.equal(await next(), '1 q')
  exchanges.cancel(1)
  exchanges.send({ exchange: 2, server: at(other.port), octets: message(2), timeoutMs: 5000 })
  exchanges.send({ exchange: 3, server: at(one.port), octets: message(3), timeoutMs: 5000 })
  assert.equal(await next(), '3 failed unreachable')
  await arrived.promise
})

test('a server that says what nobody asked is left, and an idle connection ends', async (t) => {
  const talking = await tcpServer(t, (_, socket) => {
    for (let i = 0; i < 10; i++) socket.write(framed(message(0xffff)))
  })
  const { reports, next } = listener()
  stream(t, reports, { limits: { strays: 5 } }).send({
    exchange: 1,
    server: at(talking.port),
    octets: message(1),
    timeoutMs: 5000,
  })
  assert.equal(await next(), '1 failed closed')
  const plain = await tcpServer(t, (octets, socket) => void socket.write(framed(octets)))
  const exchanges = stream(t, reports, { limits: { idleMs: 20 } })
  exchanges.send({ exchange: 2, server: at(plain.port), octets: message(2), timeoutMs: 5000 })
  assert.equal(await next(), '2 q')
  const ended = new Promise((resolve) => plain.connections[0]?.once('close', resolve))
  exchanges.cancel(2)
  await ended
})

test('by TLS: with a name its certificate must have it, without one any is taken', async (t) => {
  const tls = await issueServerCertificate(['dns.one.example'], { nowMs: Date.now() })
  const connections: Socket[] = []
  const server = createTlsServer(
    { key: tls.keyPem, cert: tls.certificatePem, ALPNProtocols: ['dot'] },
    serve(connections, (octets, socket) => void socket.write(framed(octets))),
  )
  const { port } = await listening(t, server, connections)
  const { reports, next } = listener()
  const trusting = stream(t, reports, { transport: 'tls', authorities: tls.certificatePem })
  const unknowing = stream(t, reports, { transport: 'tls' })
  const cases: readonly (readonly [Exchanges, string | undefined, string])[] = [
    [trusting, 'dns.one.example', 'q'],
    [trusting, 'dns.two.example', 'failed tls'],
    [unknowing, 'dns.one.example', 'failed tls'],
    [unknowing, undefined, 'q'],
  ]
  for (const [i, [exchanges, name, expected]] of cases.entries()) {
    exchanges.send({ exchange: i, server: at(port, name), octets: message(i), timeoutMs: 5000 })
    assert.equal(await next(), `${i} ${expected}`)
    exchanges.cancel(i)
  }
  const plain = await listening(
    t,
    createServer((socket) => socket.end('no TLS here')),
    [],
  )
  unknowing.send({ exchange: 9, server: at(plain.port), octets: message(9), timeoutMs: 5000 })
  assert.match(await next(), /^9 failed tls$/)
})
