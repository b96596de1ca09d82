import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { formatKeyRecord, type KeyAnswer, parseSelector, startSigning } from '@scop/dkim'
import { parseDomainName, parseIpAddress, parseMailbox } from '@scop/identifiers'
import { type Ambiguity, parseHeaderSection } from '@scop/mime'
import { expectOk } from '@scop/result'
import { type AskDns, askWithin, type Dns } from '../src/ask-dns.ts'
import { verifyMessage } from '../src/verify-message.ts'

const NOW_MS = 1_800_000_000_000
const hostname = expectOk(parseDomainName('mx.two.example'), 'parse')
const domain = expectOk(parseDomainName('one.example'), 'parse')
const selector = expectOk(parseSelector('s1'), 'parse')
const { privateKey } = generateKeyPairSync('ed25519')
const record = formatKeyRecord(createPublicKey(privateKey))
const HEADER = 'From: <alice@one.example>\r\nTo: <bob@two.example>\r\nSubject: hello\r\n'
const BODY = 'One line.\r\n'

function signed(header: string, body: string): string {
  const parsed = expectOk(parseHeaderSection(Buffer.from(`${header}\r\n`)), 'parse')
  const key = { domain, selector, algorithm: 'ed25519-sha256', privateKey } as const
  const signing = expectOk(startSigning(parsed.header, { keys: [key], nowSeconds: NOW_MS / 1000 }), 'sign')
  signing.update(Buffer.from(body))
  return `${Buffer.concat([...signing.finish()]).toString()}${header}\r\n${body}`
}

const POLICY = { author: 'refuse', dmarcReject: 'refuse', dmarcQuarantine: 'junk', spfFail: 'junk' } as const
const dns = (ask: AskDns): Dns => ({ ask, exists: async () => ({ kind: 'name-exists' }) })
const FROM_NOBODY = {
  hostname,
  nowMs: NOW_MS,
  receivedFields: 3,
  policy: POLICY,
  sender: undefined,
  client: undefined,
  trustedSealers: [],
  sample: 0,
} as const

type Outcome = {
  readonly asked: readonly string[]
  readonly error?: string
  readonly passed?: string
  readonly field?: string
  readonly summary?: string
  readonly forged?: number
  readonly ambiguities?: readonly Ambiguity[]
}

async function run(message: string, answer: KeyAnswer = { kind: 'texts', texts: [record] }, cut = 7): Promise<Outcome> {
  const asked: string[] = []
  async function* pieces() {
    for (let at = 0; at < message.length; at += cut) yield Buffer.from(message.slice(at, at + cut))
  }
  const ask: AskDns = async ({ name }) => {
    if (name.startsWith('_dmarc.')) return { kind: 'no-such-record' }
    asked.push(name)
    if (answer.kind !== 'texts') return answer
    return { kind: 'texts', texts: answer.texts.map((text) => Buffer.from(String(text))) }
  }
  const verified = await verifyMessage(pieces(), { ...FROM_NOBODY, dns: dns(ask) })
  if (!verified.ok) return { error: verified.error.kind, asked }
  let passed = ''
  for await (const chunk of verified.value.octets) passed += Buffer.from(chunk).toString()
  const { fields, ...rest } = await verified.value.finish()
  return {
    ...rest,
    passed,
    asked,
    field: Buffer.from(fields)
      .toString()
      .replace(/\r\n\s+/g, ' '),
  }
}

test('a good signature passes, and the octets go on as they came, at any cut', async () => {
  const message = signed(HEADER, BODY)
  for (const cut of [1, 2, 64, 100_000]) {
    const { passed, field, summary, asked } = await run(message, undefined, cut)
    assert.equal(passed, message)
    assert.deepEqual(asked, ['s1._domainkey.one.example'])
    assert.equal(summary, 'dkim=pass d=one.example; dmarc=none from=one.example')
    assert.match(
      field ?? '',
      /^Authentication-Results: mx\.two\.example; dkim=pass header\.d=one\.example header\.i=@one\.example header\.s=s1/,
    )
  }
})

const OUTCOMES: readonly (readonly [string, string, KeyAnswer, RegExp])[] = [
  ['no signature', HEADER + '\r\n' + BODY, { kind: 'no-such-record' }, /; dkim=none reason="no signature"/],
  [
    'a changed body',
    signed(HEADER, BODY).replace('One', 'Two'),
    { kind: 'texts', texts: [record] },
    /dkim=fail reason="body changed"/,
  ],
  [
    'a changed subject',
    signed(HEADER, BODY).replace('hello', 'other'),
    { kind: 'texts', texts: [record] },
    /dkim=fail reason="signature wrong"/,
  ],
  [
    'an added From',
    `From: <eve@evil.example>\r\n${signed(HEADER, BODY)}`,
    { kind: 'texts', texts: [record] },
    /dkim=(?:fail|policy|permerror)/,
  ],
  [
    'a line that is no field above the signed ones',
    `junk\r\n${signed(HEADER, BODY)}`,
    { kind: 'texts', texts: [record] },
    /dkim=policy reason="header not a field" header\.d=one\.example/,
  ],
  [
    'a line that is no field below the signed ones',
    signed(HEADER, BODY).replace('\r\n\r\n', '\r\nFrom eve@evil.example\r\n\r\n'),
    { kind: 'texts', texts: [record] },
    /dkim=policy reason="header not a field"/,
  ],
  ['no key', signed(HEADER, BODY), { kind: 'no-such-record' }, /dkim=permerror reason="no key"/],
  ['a resolver that does not answer', signed(HEADER, BODY), { kind: 'temporary-failure' }, /dkim=temperror/],
]

for (const [what, message, answer, expected] of OUTCOMES) {
  test(`says so of ${what}`, async () => assert.match((await run(message, answer)).field ?? '', expected))
}

const FORGED = [
  'Authentication-Results: mx.two.example; dkim=pass header.d=bank.example',
  'authentication-results: MX.two.Example ; dkim=pass',
  'Authentication-Results: (x) "mx.two.example" 1; dkim=pass',
  'Authentication-Results:\r\n mx.two.example;\r\n dkim=pass',
]

for (const forged of FORGED) {
  test(`removes ${JSON.stringify(forged)}`, async () => {
    const { passed, forged: count } = await run(`${forged}\r\n${HEADER}\r\n${BODY}`)
    assert.equal(passed, `${HEADER}\r\n${BODY}`)
    assert.equal(count, 1)
  })
}

test('leaves the results of others', async () => {
  const message = `Authentication-Results: mx.other.example; dkim=pass\r\n${HEADER}\r\n${BODY}`
  assert.equal((await run(message)).passed, message)
})

test('refuses a message that goes in circles', async () => {
  assert.equal((await run(`${'Received: x\r\n'.repeat(4)}${HEADER}\r\n${BODY}`)).error, 'loop')
  assert.equal((await run(`${'Received: x\r\n'.repeat(3)}${HEADER}\r\n${BODY}`)).error, undefined)
})

test('refuses a header beyond the limits', async () => {
  assert.equal((await run(`X: ${'x'.repeat(300_000)}\r\n\r\n`, undefined, 4096)).error, 'bad-header')
})

const MULTIPART = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=a'
const AMBIGUOUS: readonly (readonly [string, string, string, string])[] = [
  ['a plain message', HEADER, BODY, 'pass'],
  ['a multipart', `${HEADER}${MULTIPART}\r\n`, '--a\r\n\r\nhi\r\n--a--\r\n', 'pass'],
  ['Subject twice', `${HEADER}Subject: other\r\n`, BODY, 'policy'],
  ['two boundaries', `${HEADER}${MULTIPART}; boundary=b\r\n`, '--a\r\n\r\nhi\r\n--a--\r\n', 'policy'],
  [
    'two types in a part',
    `${HEADER}${MULTIPART}\r\n`,
    '--a\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n\r\nhi\r\n--a--\r\n',
    'policy',
  ],
  [
    'From twice in a forwarded message',
    `${HEADER}MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n`,
    'From: <a@b.example>\r\nFrom: <c@d.example>\r\n\r\nhi\r\n',
    'pass',
  ],
  ['the same type twice', `${HEADER}MIME-Version: 1.0\r\n${'Content-Type: text/plain\r\n'.repeat(2)}`, BODY, 'pass'],
  ['a bare CR', HEADER, 'One\rline.\r\n', 'policy'],
  ['a line that begins as a delimiter', `${HEADER}${MULTIPART}\r\n`, '--a\r\n\r\nhi\r\n--ab\r\n--a--\r\n', 'policy'],
  ['a part after the end', `${HEADER}${MULTIPART}\r\n`, '--a\r\n\r\nhi\r\n--a--\r\n--a\r\n\r\n', 'policy'],
  ['junk in base64', `${HEADER}MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n`, 'QU-JD\r\n', 'pass'],
  ['no close delimiter', `${HEADER}${MULTIPART}\r\n`, '--a\r\n\r\nhi\r\n', 'pass'],
  [
    'more than is reported',
    `${HEADER}${MULTIPART}\r\n`,
    `--a\r\n\r\n${'--ax\r\n'.repeat(1001)}\r\n--a--\r\n`,
    'policy',
  ],
]
for (const [name, header, body, result] of AMBIGUOUS) {
  test(`${name}: a signature that holds is ${result}, at any cut`, async () => {
    const message = signed(header, body)
    for (const cut of [1, 50, 100_000]) {
      const { summary, passed } = await run(message, undefined, cut)
      assert.equal(summary, `dkim=${result} d=one.example; dmarc=none from=one.example`)
      assert.equal(passed, message)
    }
  })
}

test('what is ambiguous is reported with its place', async () => {
  const message = signed(`${HEADER}Subject: other\r\n`, BODY)
  const { ambiguities, field } = await run(message)
  assert.deepEqual(ambiguities, [
    { kind: 'duplicate-message-field', path: [], offset: message.lastIndexOf('Subject:') },
  ])
  assert.match(field ?? '', /dkim=policy reason="duplicate message field"/)
  assert.deepEqual((await run(signed(HEADER, BODY))).ambiguities, [])
})

const CLIENT = { address: expectOk(parseIpAddress('192.0.2.1'), 'parse'), helo: 'mail.one.example' } as const
const SENDER = expectOk(parseMailbox('alice@one.example'), 'parse')

for (const [name, spf, results, decision, classes] of [
  [
    'passes',
    'v=spf1 ip4:192.0.2.1 -all',
    /; spf=pass reason="ip4:192\.0\.2\.1" smtp\.mailfrom=alice@one\.example;/,
    'inbox',
    'pass',
  ],
  ['fails', 'v=spf1 -all', /; spf=fail reason="-all" smtp\.mailfrom=alice@one\.example;/, 'junk', 'spf-fail'],
  ['is soft', 'v=spf1 ~all', /; spf=softfail /, 'inbox', 'spf-softfail'],
  ['is broken', 'v=spf1 nonsense', /; spf=permerror reason=/, 'inbox', ''],
  ['is not there', undefined, /; spf=none reason="no SPF record"/, 'inbox', ''],
] as const)
  test(`SPF that ${name}: ${decision}`, async () => {
    async function* whole() {
      yield Buffer.from(`${HEADER}\r\n${BODY}`)
    }
    const ask: AskDns = async ({ name: asked, type }) =>
      type === 'TXT' && asked === 'one.example' && spf !== undefined
        ? { kind: 'texts', texts: [Buffer.from(spf)] }
        : { kind: 'no-such-record' }
    const verified = expectOk(
      await verifyMessage(whole(), { ...FROM_NOBODY, dns: dns(ask), sender: SENDER, client: CLIENT }),
      'verify',
    )
    for await (const _ of verified.octets);
    const verdict = await verified.finish()
    const fields = Buffer.from(verdict.fields)
      .toString()
      .replace(/\r\n\s+/g, ' ')
    assert.match(fields, results)
    assert.match(fields, /\r\nReceived-SPF: \w+ \(.*\) receiver=mx\.two\.example; client-ip=192\.0\.2\.1;/)
    assert.ok(verdict.decision.kind === 'accept')
    assert.equal(verdict.decision.into, decision)
    assert.equal(verdict.seen.classes.join(), classes)
  })

test('SPF that DNS does not answer defers', async () => {
  async function* whole() {
    yield Buffer.from(`${HEADER}\r\n${BODY}`)
  }
  const ask: AskDns = async () => ({ kind: 'temporary-failure' })
  const options = { ...FROM_NOBODY, dns: dns(ask), sender: SENDER, client: CLIENT }
  const verified = expectOk(await verifyMessage(whole(), options), 'verify')
  for await (const _ of verified.octets);
  const { decision, fields } = await verified.finish()
  assert.equal(decision.kind, 'defer')
  assert.match(Buffer.from(fields).toString(), /spf=temperror/)
})

const UNSIGNED = `${HEADER}\r\n${BODY}`
const DMARC: readonly (readonly [string, string, Readonly<Record<string, string>>, string, RegExp])[] = [
  [
    'a signature of the author passes',
    signed(HEADER, BODY),
    { '_dmarc.one.example': 'v=DMARC1; p=reject' },
    'inbox',
    /; dmarc=pass header\.from=one\.example policy\.dmarc=reject/,
  ],
  [
    'nothing vouches, reject',
    UNSIGNED,
    { '_dmarc.one.example': 'v=DMARC1; p=reject' },
    'refuse 5.7.26',
    /; dmarc=fail /,
  ],
  [
    'nothing vouches, quarantine',
    UNSIGNED,
    { '_dmarc.one.example': 'v=DMARC1; p=quarantine' },
    'junk',
    /; dmarc=fail /,
  ],
  ['nothing vouches, none', UNSIGNED, { '_dmarc.one.example': 'v=DMARC1; p=none' }, 'inbox', /; dmarc=fail /],
  ['a policy that is not to be had', UNSIGNED, { '_dmarc.one.example': 'fails' }, 'defer 4.7.26', /; dmarc=temperror /],
  [
    'a key that is not to be had',
    signed(HEADER, BODY),
    { '_dmarc.one.example': 'v=DMARC1; p=reject', 's1._domainkey.one.example': 'fails' },
    'defer 4.7.26',
    /; dkim=temperror /,
  ],
  [
    'two From fields',
    `From: <eve@evil.example>\r\n${UNSIGNED}`,
    {},
    'refuse 5.7.1',
    /; dmarc=permerror reason="2 From fields"/,
  ],
  ['no From', UNSIGNED.replace('From:', 'X-From:'), {}, 'refuse 5.7.1', /; dmarc=permerror reason="no From field"/],
  [
    'who only calls himself a list',
    `List-Id: <l.one.example>\r\n${UNSIGNED}`,
    { '_dmarc.one.example': 'v=DMARC1; p=reject' },
    'refuse 5.7.26',
    /; dmarc=fail /,
  ],
]
for (const [name, message, zone, expected, results] of DMARC)
  test(`DMARC: ${name}: ${expected}`, async () => {
    async function* whole() {
      yield Buffer.from(message)
    }
    const ask: AskDns = async ({ name: asked }) => {
      const text = zone[asked] ?? (asked.startsWith('s1.') ? record : undefined)
      if (text === undefined) return { kind: 'no-such-record' }
      return text === 'fails' ? { kind: 'temporary-failure' } : { kind: 'texts', texts: [Buffer.from(text)] }
    }
    const verified = expectOk(await verifyMessage(whole(), { ...FROM_NOBODY, dns: dns(ask) }), 'verify')
    for await (const _ of verified.octets);
    const { decision, fields } = await verified.finish()
    assert.equal(decision.kind === 'accept' ? decision.into : `${decision.kind} ${decision.status}`, expected)
    assert.match(
      Buffer.from(fields)
        .toString()
        .replace(/\r\n\s+/g, ' '),
      results,
    )
  })

test('what takes longer than its check may is not to be had now; the next check has its own time', async () => {
  const never = dns(() => new Promise(() => undefined))
  const question = { name: 'one.example', type: 'TXT' } as const
  assert.equal((await askWithin(never, 0.01, ({ ask }) => ask(question))).kind, 'temporary-failure')
  assert.equal((await askWithin(never, 0.01, ({ exists }) => exists('one.example'))).kind, 'name-exists')
  const there = dns(async () => ({ kind: 'no-such-record' }))
  assert.equal((await askWithin(there, 0.01, ({ ask }) => ask(question))).kind, 'no-such-record')
})
