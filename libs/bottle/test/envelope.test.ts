import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMailbox } from '@scop/identifiers'
import { expectOk } from '@scop/result'
import { type Envelope, formatEnvelope, formatTrace, parseEnvelope } from '../src/index.ts'

const mailbox = (text: string) => expectOk(parseMailbox(text, { utf8: true }), `parse ${text}`)

const ENVELOPES: readonly Envelope[] = [
  {
    trace: '0123456789abcdef',
    sender: mailbox('alice@one.example'),
    recipients: [mailbox('bob@two.example'), mailbox('"b c"@[IPv6:2001:db8::1]')],
    smtpUtf8: false,
    body: '8bitmime',
    arrival: {
      receivedAtMs: 1_700_000_000_000,
      protocol: 'ESMTPSA',
      client: { address: '192.0.2.1' as never, helo: 'client.example' },
      tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
      authenticated: { account: 'alice@one.example', mechanism: 'SCRAM-SHA-256' },
    },
  },
  {
    trace: 'ffffffffffffffff',
    sender: undefined,
    recipients: [mailbox('δ@bücher.example')],
    smtpUtf8: true,
    body: '7bit',
    arrival: { receivedAtMs: 0, protocol: 'LOCAL', client: undefined, tls: undefined, authenticated: undefined },
  },
]

for (const envelope of ENVELOPES) {
  test(`envelope ${envelope.trace} survives the wire`, () => {
    const read = parseEnvelope(JSON.parse(JSON.stringify(formatEnvelope(envelope))))
    assert.deepEqual(read, { ok: true, value: envelope })
  })
}

const good = formatEnvelope(ENVELOPES[0] as Envelope) // as: it stands above
const BAD: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['an unknown key', { ...good, extra: 1 }],
  ['no recipients', { ...good, recipients: [] }],
  ['too many recipients', { ...good, recipients: Array.from({ length: 1001 }, (_, i) => `a${i}@b.example`) }],
  ['a bad recipient', { ...good, recipients: ['a@b.example', 'no at sign'] }],
  ['a recipient with a line end', { ...good, recipients: ['a\r\n@b.example'] }],
  ['a bad sender', { ...good, sender: 'x' }],
  ['a bad trace', { ...good, trace: 'XYZ' }],
  ['a bad address', { ...good, arrival: { ...good.arrival, client: { address: '999.1.1.1', helo: 'x' } } }],
  ['a protocol with a line end', { ...good, arrival: { ...good.arrival, protocol: 'ESMTP\r\n' } }],
]

for (const [what, json] of BAD) {
  test(`refuses an envelope with ${what}`, () => assert.ok(!parseEnvelope(json).ok))
}

test('a trace id is 8 octets', () => {
  assert.equal(formatTrace(new Uint8Array(8)), '0000000000000000')
  assert.throws(() => formatTrace(new Uint8Array(7)))
})
