// RFC 6376 §6.1, Appendix A (with errata 3192 and 4926: one space in the body, six in the folds); RFC 8463 Appendix A
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { parseHeaderSection } from '@scop/mime'
import { concatOctets, encodeAscii, encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { DKIM_LIMITS, formatKeyRecord, type KeyAnswer, startVerifying, VerifiedSignature } from '../src/index.ts'
import {
  answersOf,
  ed25519,
  ed25519Record,
  forge,
  NOW,
  rsa,
  rsaRecord,
  texts,
  verdict,
  verifyMessage,
} from './forge.ts'

const RFC6376 = `DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
      4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
`
const BRISBANE =
  'v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB'

const RFC8463 = `DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.

`

const crlf = (text: string): Uint8Array => encodeAscii(text.replaceAll('\n', '\r\n'))

test('verifies the example of RFC 6376', () => {
  const [result] = verifyMessage(crlf(RFC6376), answersOf('brisbane._domainkey.example.com', texts(BRISBANE)))
  assert.equal(verdict(result), 'pass')
  assert.ok(result?.result === 'pass' && VerifiedSignature.isProof(result.proof))
  assert.deepEqual(result.proof.auid, { localPart: 'joe', domain: 'football.example.com' })
  assert.deepEqual([result.proof.domain, result.proof.selector, result.keyBits], ['example.com', 'brisbane', 1024])
})

test('verifies both examples of RFC 8463', () => {
  const key =
    'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB'
  const answers = new Map<string, KeyAnswer>([
    [
      'brisbane._domainkey.football.example.com',
      texts('v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='),
    ],
    ['test._domainkey.football.example.com', texts(`v=DKIM1; k=rsa; p=${key}`)],
  ])
  assert.deepEqual(verifyMessage(crlf(RFC8463), answers).map(verdict), ['pass', 'pass'])
})

const message = 'From: a@example.com\r\nTo: b@example.net\r\nSubject: hi\r\n\r\nHello \r\n'
const tags = 'v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=sel; h=From:To:Subject:From;'
const weak = generateKeyPairSync('rsa', { modulusLength: 1016 })
const p = rsaRecord.slice(rsaRecord.indexOf('p='))

type Row = {
  readonly title: string
  readonly octets?: Uint8Array
  readonly answer?: KeyAnswer
  readonly expected: string
}
const rows: readonly Row[] = [
  { title: 'a good signature', expected: 'pass' },
  {
    title: 'a key in several strings',
    answer: { kind: 'texts', texts: [[encodeAscii(rsaRecord.slice(0, 99)), encodeAscii(rsaRecord.slice(99))]] },
    expected: 'pass',
  },
  { title: 'another protocol beside the key', answer: texts('v=spf1 -all', rsaRecord), expected: 'pass' },
  { title: 'l= of the whole body', octets: forge(message, `${tags} l=7;`), expected: 'pass' },
  { title: 'x= just past, within the skew', octets: forge(message, `${tags} x=${NOW - 299};`), expected: 'pass' },
  { title: 't= just ahead, within the skew', octets: forge(message, `${tags} t=${NOW + 299};`), expected: 'pass' },
  { title: 'a sub-domain in i=', octets: forge(message, `${tags} i=@sub.example.com;`), expected: 'pass' },
  {
    title: 'a changed body',
    octets: encodeLatin1(new TextDecoder('latin1').decode(forge(message, tags)).replace('Hello', 'Hullo')),
    expected: 'fail body-changed',
  },
  {
    title: 'a changed field',
    octets: encodeLatin1(new TextDecoder('latin1').decode(forge(message, tags)).replace(': hi', ': ho')),
    expected: 'fail signature-wrong',
  },
  {
    title: 'another key',
    answer: texts(formatKeyRecord(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)),
    expected: 'fail signature-wrong',
  },
  {
    title: 'l= shorter than the body',
    octets: forge(message, `${tags} l=3;`, { bodyOctets: 3 }),
    expected: 'policy body-partly-signed',
  },
  { title: 'l=0', octets: forge(message, `${tags} l=0;`, { bodyOctets: 0 }), expected: 'policy body-partly-signed' },
  {
    title: 'l= longer than the body',
    octets: forge(message, `${tags} l=8;`),
    expected: 'permerror body-shorter-than-signed',
  },
  { title: 'x= past', octets: forge(message, `${tags} x=${NOW - 301};`), expected: 'fail expired' },
  { title: 't= far ahead', octets: forge(message, `${tags} t=${NOW + 301};`), expected: 'policy signed-in-the-future' },
  {
    title: 'rsa-sha1',
    octets: concatOctets([
      encodeAscii(
        'DKIM-Signature: v=1; a=rsa-sha1; d=example.com; s=sel; h=From; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA\r\n',
      ),
      encodeAscii(message),
    ]),
    expected: 'policy rsa-sha1',
  },
  {
    title: 'nonsense',
    octets: concatOctets([encodeAscii('DKIM-Signature: nonsense\r\n'), encodeAscii(message)]),
    expected: 'permerror bad-tag',
  },
  {
    title: 'a second From that is not covered',
    octets: forge(
      `From: evil@example.org\r\n${message}`,
      'v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=sel; h=From:To;',
    ),
    expected: 'policy from-partly-signed',
  },
  { title: 'no key', answer: { kind: 'no-such-record' }, expected: 'permerror no-key' },
  { title: 'no text', answer: texts(), expected: 'permerror no-key' },
  { title: 'no answer from DNS', answer: { kind: 'temporary-failure' }, expected: 'temperror key-unavailable' },
  { title: 'a revoked key', answer: texts('v=DKIM1; p='), expected: 'permerror key-revoked' },
  { title: 'two keys', answer: texts(rsaRecord, `v=DKIM1; ${p}; n=2`), expected: 'permerror several-keys' },
  {
    title: 'a crowd of records',
    answer: texts(...Array.from({ length: 11 }, () => 'x')),
    expected: 'permerror too-many-key-records',
  },
  { title: 'only another protocol', answer: texts('v=spf1 -all'), expected: 'permerror not-a-key-record' },
  { title: 'a key of another type', answer: texts(ed25519Record), expected: 'permerror key-type-mismatch' },
  { title: 'a key for another hash', answer: texts(`h=sha1; ${p}`), expected: 'permerror key-hash-mismatch' },
  { title: 'a key for another service', answer: texts(`s=tlsrpt; ${p}`), expected: 'permerror key-service-mismatch' },
  {
    title: 't=s and a sub-domain in i=',
    octets: forge(message, `${tags} i=@sub.example.com;`),
    answer: texts(`t=s; ${p}`),
    expected: 'permerror auid-not-domain',
  },
  {
    title: 'a short key',
    octets: forge(message, tags, { key: weak.privateKey }),
    answer: texts(formatKeyRecord(weak.publicKey)),
    expected: 'policy key-too-short',
  },
  {
    title: 'an Ed25519 signature',
    octets: forge(message, tags.replace('rsa', 'ed25519'), { key: ed25519.privateKey }),
    answer: texts(ed25519Record),
    expected: 'pass',
  },
  {
    title: 'an Ed25519 signature of a wrong size',
    octets: encodeLatin1(new TextDecoder('latin1').decode(forge(message, tags.replace('rsa', 'ed25519')))),
    answer: texts(ed25519Record),
    expected: 'fail signature-wrong',
  },
]
for (const row of rows) {
  test(`${row.title}: ${row.expected}`, () => {
    const [result] = verifyMessage(row.octets ?? forge(message, tags), row.answer ?? texts(rsaRecord))
    assert.equal(verdict(result), row.expected)
  })
}

test('a long key is refused by its size alone', () => {
  const { header, bodyStart } = expectOk(parseHeaderSection(forge(message, tags)), 'read')
  const verifying = startVerifying(header, {
    nowSeconds: NOW,
    limits: { ...DKIM_LIMITS, maxRsaBits: 1023, minRsaBits: 512 },
  })
  verifying.update(forge(message, tags).subarray(bodyStart))
  const [result] = verifying.finish(answersOf('sel._domainkey.example.com', texts(rsaRecord)))
  assert.equal(verdict(result), 'policy key-too-long')
})

test('says when the key is only being tried out', () => {
  const octets = forge(message, tags)
  assert.equal(verifyMessage(octets, texts(`t=y; ${p}`))[0]?.testing, true)
  assert.equal(verifyMessage(octets, texts(rsaRecord))[0]?.testing, false)
  octets[octets.length - 4] = 0x21
  assert.deepEqual(
    verifyMessage(octets, texts(`t=y; ${p}`)).map((result) => [verdict(result), result.testing]),
    [['fail body-changed', true]],
  )
})

test('looks at ten signatures, asks for each key once', () => {
  const signed = forge(message, tags)
  const field = signed.subarray(0, signed.length - message.length)
  const octets = concatOctets([...Array.from({ length: 999 }, () => field), signed])
  const { header } = expectOk(parseHeaderSection(octets, { headerOctets: 1e6, fields: 2000, defects: 0 }), 'read')
  const verifying = startVerifying(header, { nowSeconds: NOW })
  assert.equal(verifying.ignoredSignatures, 990)
  assert.deepEqual(verifying.keyNames, ['sel._domainkey.example.com'])
  verifying.update(encodeAscii('Hello \r\n'))
  const results = verifying.finish(answersOf('sel._domainkey.example.com', texts(rsaRecord)))
  assert.equal(results.length, 10)
  assert.throws(() => verifying.finish(new Map()))
})

test('a proof cannot be made by hand', () => {
  const [result] = verifyMessage(forge(message, tags), texts(rsaRecord))
  assert.ok(result?.result === 'pass')
  const { proof } = result
  assert.equal(VerifiedSignature.isProof(structuredClone(proof)), false)
  const lookalike = {}
  Object.setPrototypeOf(lookalike, VerifiedSignature.prototype)
  assert.equal(VerifiedSignature.isProof(lookalike), false)
  assert.throws(() => Reflect.construct(VerifiedSignature, [Symbol('verified'), result.signature]))
  assert.throws(() => Reflect.construct(proof.constructor, [undefined, result.signature]))
  assert.equal(Reflect.set(proof, 'domain', 'evil.example'), false)
  assert.equal(proof.domain, 'example.com')
  assert.ok(rsa.publicKey.asymmetricKeyDetails?.modulusLength === result.keyBits)
})
