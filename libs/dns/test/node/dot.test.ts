// DNS over TLS, as RFC 7858 has it, with the ALPN of RFC 9103.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { test } from 'node:test'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { expectOk } from '@scop/result'
import { decodeMessage, EMPTY_MESSAGE, encodeMessage, handleMessage, OPTION, SOA, zoneSet } from '../../src/index.ts'
import { type DnsServer, type IncomingMessage, type ServeDnsLimits, serveDns } from '../../src/node/index.ts'
import { exampleZone, name } from '../example-zone.ts'
import { CERTIFICATE, KEY_PEM } from './dot-certificate.ts'

const STATE = { zones: zoneSet([exampleZone()]), keys: [], grants: [], keepaliveMs: 7000 }
const transports: IncomingMessage['transport'][] = []
const start = (limits: Partial<ServeDnsLimits> = {}): Promise<DnsServer> =>
  serveDns({
    address: '127.0.0.1',
    port: 0,
    tls: { port: 0, options: { key: KEY_PEM, cert: CERTIFICATE } },
    limits,
    handle: (incoming) => {
      transports.push(incoming.transport)
      const reaction = handleMessage(STATE, incoming)
      return reaction.kind === 'reply' ? reaction.octets : undefined
    },
  })
const open = async (server: DnsServer, more: ConnectionOptions = {}): Promise<TLSSocket> => {
  const socket = connect({
    host: '127.0.0.1',
    port: server.tlsPort ?? 0,
    ca: CERTIFICATE,
    servername: 'dot.test',
    ALPNProtocols: ['dot'],
    ...more,
  })
  await once(socket, 'secureConnect')
  return socket
}
const query = (options: readonly { code: number; octets: Uint8Array }[] = []): Uint8Array => {
  const { octets } = encodeMessage({
    ...EMPTY_MESSAGE,
    id: 3,
    questions: [{ name: name('example.org'), type: SOA.code, class: 1 }],
    edns: { udpOctets: 512, version: 0, dnssecOk: false, options },
  })
  return new Uint8Array([octets.length >>> 8, octets.length & 0xff, ...octets])
}
/** The next whole message. */
const receive = (socket: TLSSocket): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const received: number[] = []
    socket.on('data', (chunk: Uint8Array) => {
      received.push(...chunk)
      const length = ((received[0] ?? 0) << 8) | (received[1] ?? 0)
      if (received.length >= 2 + length) resolve(Uint8Array.from(received.slice(2, 2 + length)))
    })
    socket.once('close', () => reject(new Error('closed')))
  })

test('answers by TLS, padded where that is asked for, with its idle time', async () => {
  const server = await start()
  try {
    const socket = await open(server)
    assert.equal(socket.alpnProtocol, 'dot')
    socket.write(
      query([
        { code: OPTION.PADDING, octets: new Uint8Array(20) },
        { code: OPTION.TCP_KEEPALIVE, octets: new Uint8Array(0) },
      ]),
    )
    const octets = await receive(socket)
    assert.equal(octets.length, 468)
    const reply = expectOk(decodeMessage(octets), 'decode')
    assert.equal(reply.answers.length, 1)
    assert.deepEqual(
      reply.edns?.options.map(({ code }) => code),
      [OPTION.TCP_KEEPALIVE, OPTION.PADDING],
    )
    assert.equal(transports.at(-1), 'tls')
    socket.destroy()
    const without = await open(server, { ALPNProtocols: [] })
    without.write(query())
    assert.equal(expectOk(decodeMessage(await receive(without)), 'decode').answers.length, 1)
    without.destroy()
  } finally {
    await server.close()
  }
})

test('another protocol, an old version and what is no TLS are turned away', async () => {
  const server = await start()
  try {
    await assert.rejects(open(server, { ALPNProtocols: ['h2'] }))
    await assert.rejects(open(server, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }))
    const plain = connectTcp(server.tlsPort ?? 0, '127.0.0.1')
    plain.write(query())
    plain.resume()
    await once(plain, 'close')
    // And goes on.
    const socket = await open(server)
    socket.destroy()
  } finally {
    await server.close()
  }
})

test('connections are counted with those by TCP, and who does not finish the handshake is closed', async () => {
  const server = await start({ connections: 2, firstMessageMs: 150 })
  try {
    const silent = [connectTcp(server.tlsPort ?? 0, '127.0.0.1'), connectTcp(server.port, '127.0.0.1')]
    for (const socket of silent) {
      socket.on('error', () => {})
      socket.resume()
    }
    await Promise.all(silent.map((socket) => once(socket, 'connect')))
    await assert.rejects(open(server))
    await Promise.all(silent.map((socket) => once(socket, 'close')))
    const socket = await open(server)
    await once(socket.resume(), 'close') // says nothing after its handshake
  } finally {
    await server.close()
  }
})

test('a new certificate holds for new connections; closing sends what was answered', async () => {
  const server = await start()
  server.renewCertificate({ key: KEY_PEM, cert: CERTIFICATE })
  const socket = await open(server)
  socket.write(query())
  const reply = receive(socket)
  assert.equal(expectOk(decodeMessage(await reply), 'decode').answers.length, 1)
  await server.close()
  await assert.rejects(open(server))
})
