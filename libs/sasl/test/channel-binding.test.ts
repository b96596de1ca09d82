import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, createServer, TLSSocket } from 'node:tls'
import { type Channel, serverEndPointBinding, tlsChannel } from '../src/index.ts'

test('the binding of a certificate signed with ECDSA and SHA-384 is its SHA-384', () => {
  const der = Uint8Array.fromBase64(ECDSA_SHA384)
  assert.deepEqual(serverEndPointBinding(der)?.octets.toHex(), createHash('sha384').update(der).digest('hex'))
})

for (const [name, der] of [
  ['an Ed25519 certificate (no single hash)', () => Uint8Array.fromBase64(ED25519)],
  ['half a certificate', () => Uint8Array.fromBase64(ECDSA_SHA384).subarray(0, 200)],
  ['nothing', () => new Uint8Array(0)],
] as const) {
  test(`${name} gives no binding`, () => assert.equal(serverEndPointBinding(der()), undefined))
}

test('TLS 1.2 gives no tls-exporter', () => {
  const channel = tlsChannel({ version: 'TLSv1.2', exportKeyingMaterial: () => new Uint8Array(32) })
  assert.deepEqual(channel, { tls: true, bindings: [] })
})

test('both ends of a TLS 1.3 connection see the same bindings, another connection sees another', async () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----\n`
  const cert = `-----BEGIN CERTIFICATE-----\n${ECDSA_SHA384}\n-----END CERTIFICATE-----\n`
  const server = createServer({ key, cert, minVersion: 'TLSv1.3' })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const seen: Channel[] = []
  for (let i = 0; i < 2; i++) {
    const accepted = once(server, 'secureConnection')
    const client = connect({
      port: (server.address() as AddressInfo).port, // as: it listens on TCP
      host: '127.0.0.1',
      rejectUnauthorized: false,
    })
    await once(client, 'secureConnect')
    const socket: unknown = (await accepted)[0]
    assert.ok(socket instanceof TLSSocket)
    seen.push(
      channelOf(client, client.getPeerX509Certificate()?.raw),
      channelOf(socket, socket.getX509Certificate()?.raw),
    )
    client.destroy()
    socket.destroy()
  }
  server.close()
  await once(server, 'close')
  const [client, accepted, other] = seen
  assert.deepEqual(
    client?.bindings.map(({ type }) => type),
    ['tls-exporter', 'tls-server-end-point'],
  )
  assert.deepEqual(client, accepted)
  assert.notDeepEqual(client?.bindings[0], other?.bindings[0])
  assert.deepEqual(client?.bindings[1], other?.bindings[1])
})

function channelOf(socket: TLSSocket, serverCertificate: Uint8Array | undefined): Channel {
  return tlsChannel({
    version: socket.getProtocol() ?? '',
    exportKeyingMaterial: (octets, label) => socket.exportKeyingMaterial(octets, label, Buffer.alloc(0)),
    ...(serverCertificate === undefined ? {} : { serverCertificate }),
  })
}

// Self-signed, for this test alone.
const KEY =
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMj5iX+KHO0RSg8yydfWwrTiG6mb0WsQgh9nH+p4rtDKhRANCAAR6AgvElFKPsQ8bXAfDLanJjeQrR4XnSa0+VPYYHpCf3ZROz1D5hmlAKOBoq5YPpQORg0PE8O1Yao6Dj9vypbwo'
const ECDSA_SHA384 =
  'MIIBgzCCASmgAwIBAgIUGRr8RaHAnvgNY1/BQukLdIbJA1gwCgYIKoZIzj0EAwMwFjEUMBIGA1UEAwwLb25lLmV4YW1wbGUwIBcNMjYxMTIxMDI0OTMzWhgPMjEyNjEwMjgwMjQ5MzNaMBYxFDASBgNVBAMMC29uZS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEegILxJRSj7EPG1wHwy2pyY3kK0eF50mtPlT2GB6Qn92UTs9Q+YZpQCjgaKuWD6UDkYNDxPDtWGqOg4/b8qW8KKNTMFEwHQYDVR0OBBYEFIPPCP/S8YfdpoNlUX4thHAaP9n1MB8GA1UdIwQYMBaAFIPPCP/S8YfdpoNlUX4thHAaP9n1MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwMDSAAwRQIhAJBqSpJVBd0+pj3k+X3FSHJdAlEVceSFzFYkzj8Jw7MuAiAYrjJYv3x87Qtvqr73SA24H7g5szHSwOsFLklm9OBemA=='
const ED25519 =
  'MIIBQjCB9aADAgECAhRWKZboQVYKqjqWGfMvQGuxFBu0jzAFBgMrZXAwFjEUMBIGA1UEAwwLb25lLmV4YW1wbGUwIBcNMjYxMTIxMDI0OTMzWhgPMjEyNjEwMjgwMjQ5MzNaMBYxFDASBgNVBAMMC29uZS5leGFtcGxlMCowBQYDK2VwAyEA5OnP8IokGlPyDfK+UU3MwqvOBuUeNtFRxqn89dtcwWKjUzBRMB0GA1UdDgQWBBRgWUzugfXi1m4jVZwpnKoxOm9flTAfBgNVHSMEGDAWgBRgWUzugfXi1m4jVZwpnKoxOm9flTAPBgNVHRMBAf8EBTADAQH/MAUGAytlcANBAJbvqbIoYMXW5MOcELPwIFfZga0v+cYAK3CeVhAXjJQ1pi1x/mVGRGOCoMO4uVim5d0kIgCYTyPlfqTvk9Om+Qo='
