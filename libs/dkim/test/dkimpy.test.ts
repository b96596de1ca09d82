// An independent implementation reads our signatures and we read its: dkimpy, where Python has it. RFC 6376, RFC 8463
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { parseDomainName } from '@scop/identifiers'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, encodeBase64, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { type Canonicalization, type KeyAnswer, parseSelector, startSigning } from '../src/index.ts'
import { ed25519, ed25519Record, rsa, rsaRecord, texts, verdict, verifyMessage } from './forge.ts'

const PYTHON = '/usr/bin/python3'
const present = spawnSync(PYTHON, ['-c', 'import dkim, nacl']).status === 0
const NOW = Math.floor(Date.now() / 1000)
const modes: readonly (readonly [Canonicalization, Canonicalization])[] = [
  ['simple', 'simple'],
  ['simple', 'relaxed'],
  ['relaxed', 'simple'],
  ['relaxed', 'relaxed'],
]
const messages: readonly string[] = [
  'From: a@example.com\r\nTo: b@example.net\r\nSubject: hi\r\n\r\nHello\r\n',
  'From: a@example.com\r\nSubject:  folded\r\n\t  value \r\n\r\n a  b\t c \r\n\r\n\r\n.\r\n\r\n',
  'From: a@example.com\r\nReceived: x\r\nReceived: y\r\nTo: <b@example.net>,\r\n <c@example.net>\r\n\r\n',
  `From: a@example.com\r\nSubject: caf\xc3\xa9\r\n\r\n${'caf\xc3\xa9 '.repeat(500)}\r\n`,
]

const VERIFY = `
import sys, json, base64, dkim
job = json.load(sys.stdin)
dns = {k.encode(): v.encode() for k, v in job['dns'].items()}
out = []
for m in job['messages']:
    d = dkim.DKIM(base64.b64decode(m))
    out.append([bool(d.verify(idx=i, dnsfunc=lambda name, timeout=5: dns[name])) for i in range(2)])
print(json.dumps(out))
`

const SIGN = `
import sys, json, base64, dkim
job = json.load(sys.stdin)
out = []
for m, h, b in job['messages']:
    m = base64.b64decode(m)
    c = (h.encode(), b.encode())
    r = dkim.sign(m, b'r1', b'example.com', job['rsa'].encode(), canonicalize=c)
    e = dkim.sign(m, b'e1', b'example.com', job['ed25519'].encode(), canonicalize=c, signature_algorithm=b'ed25519-sha256')
    out.append(base64.b64encode(r + e + m).decode())
print(json.dumps(out))
`

function python(program: string, job: object): readonly unknown[] {
  const run = spawnSync(PYTHON, ['-c', program], { input: JSON.stringify(job), encoding: 'utf8' })
  assert.equal(run.status, 0, run.stderr)
  const parsed: unknown = JSON.parse(run.stdout)
  assert.ok(Array.isArray(parsed))
  return parsed
}

test('dkimpy verifies our signatures', (t) => {
  if (!present) return t.skip('dkimpy absent')
  const domain = expectOk(parseDomainName('example.com'), 'read')
  const keys = [
    { domain, selector: expectOk(parseSelector('r1'), 'read'), algorithm: 'rsa-sha256', privateKey: rsa.privateKey },
    {
      domain,
      selector: expectOk(parseSelector('e1'), 'read'),
      algorithm: 'ed25519-sha256',
      privateKey: ed25519.privateKey,
    },
  ] as const
  const signed = modes.flatMap(([headerCanonicalization, bodyCanonicalization]) =>
    messages.map((text) => {
      const message = encodeLatin1(text)
      const { header, bodyStart } = expectOk(parseHeaderSection(message), 'read')
      const options = { keys, nowSeconds: NOW, expireAfterSeconds: 3600, headerCanonicalization, bodyCanonicalization }
      const signing = expectOk(startSigning(header, options), 'sign')
      signing.update(message.subarray(bodyStart))
      return encodeBase64(concatOctets([...signing.finish(), message]))
    }),
  )
  const dns = { 'r1._domainkey.example.com.': rsaRecord, 'e1._domainkey.example.com.': ed25519Record }
  const results = python(VERIFY, { messages: signed, dns })
  assert.equal(results.length, 16)
  assert.deepEqual(
    results,
    signed.map(() => [true, true]),
  )
})

test('we verify the signatures of dkimpy', (t) => {
  if (!present) return t.skip('dkimpy absent')
  const jobs = modes.flatMap(([header, body]) =>
    messages.map((text) => [encodeBase64(encodeLatin1(text)), header, body]),
  )
  const seed = ed25519.privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32)
  const signed = python(SIGN, {
    messages: jobs,
    rsa: rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }),
    ed25519: encodeBase64(seed),
  })
  const answers = new Map<string, KeyAnswer>([
    ['r1._domainkey.example.com', texts(rsaRecord)],
    ['e1._domainkey.example.com', texts(ed25519Record)],
  ])
  assert.equal(signed.length, 16)
  for (const [i, message] of signed.entries()) {
    const results = verifyMessage(Uint8Array.fromBase64(String(message)), answers, NOW)
    assert.deepEqual(results.map(verdict), ['pass', 'pass'], `${jobs[i]?.slice(1).join('/')} message ${i % 4}`)
  }
})
