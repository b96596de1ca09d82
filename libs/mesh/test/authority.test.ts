import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority, issueServerCertificate, loadAuthority } from '../src/node/authority.ts'

const nowMs = Date.now()
const publicKey = (): Buffer => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })

test('an authority that was written and loaded certifies as before', async () => {
  const made = await createAuthority('one', { nowMs })
  const loaded = await loadAuthority(made)
  assert.equal(loaded.bottle, 'one')
  const key = publicKey()
  const text = await loaded.issue('dns-primary', key, { nowMs, lifetimeSeconds: 60 })
  const certificate = new X509Certificate(text)
  const authority = new X509Certificate(made.certificatePem)
  assert.ok(certificate.verify(authority.publicKey) && certificate.checkIssued(authority))
  assert.equal(certificate.subjectAltName, 'URI:spiffe://one/dns-primary, DNS:dns-primary')
  assert.equal(certificate.ca, false)
  assert.equal(authority.ca, true)
  assert.deepEqual(certificate.publicKey.export({ type: 'spki', format: 'der' }), key)
  assert.equal(Math.floor(certificate.validToDate.getTime() / 1000), Math.floor(nowMs / 1000) + 60)
  assert.deepEqual([...(certificate.keyUsage ?? [])].sort(), ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
})

test('refuses what is not a role, and what is not a key', async () => {
  const authority = await createAuthority('one', { nowMs })
  const options = { nowMs, lifetimeSeconds: 60 }
  for (const role of ['', 'Relay', 'relay/x', 'a b', 'relay,URI:spiffe://one/operator']) {
    await assert.rejects(authority.issue(role, publicKey(), options), /not a role/)
  }
  for (const key of [new Uint8Array(0), new Uint8Array(44), new Uint8Array([0x30, 0])]) {
    await assert.rejects(authority.issue('relay', key, options))
  }
})

test('refuses a key that is not the certificate’s, and a certificate that names no bottle', async () => {
  const one = await createAuthority('one', { nowMs })
  const two = await createAuthority('two', { nowMs })
  await assert.rejects(loadAuthority({ keyPem: two.keyPem, certificatePem: one.certificatePem }), /not the certificate/)
  const server = await issueServerCertificate(['a.example'], { nowMs })
  await assert.rejects(loadAuthority(server), /names no bottle/)
  await assert.rejects(createAuthority('One', { nowMs }), /Cannot name/)
})

test('a server certificate is for its host names', async () => {
  const { certificatePem, keyPem } = await issueServerCertificate(['mx.one.example', 'mail.one.example'], { nowMs })
  const certificate = new X509Certificate(certificatePem)
  assert.equal(certificate.checkHost('mail.one.example'), 'mail.one.example')
  assert.equal(certificate.checkHost('one.example'), undefined)
  assert.match(keyPem, /^-----BEGIN PRIVATE KEY-----\n/)
  await assert.rejects(issueServerCertificate([], { nowMs }), /not host names/)
  await assert.rejects(issueServerCertificate(['a b'], { nowMs }), /not host names/)
})
