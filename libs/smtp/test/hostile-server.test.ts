// Servers that lie, flood, stall and inject: the client answers with an error that says so, and holds little.

import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { parseMailbox } from '@scop/identifiers'
import { encodeAscii } from '@scop/octets'
import { expectOk, type Result } from '@scop/result'
import { type ClientError, mailboxPath, type Outcome } from '../src/index.ts'
import { connect, type ConnectOptions } from '../src/node/index.ts'

const path = mailboxPath(expectOk(parseMailbox('a@x.example'), 'read'))

/** Answers each line it gets with the next of `script`; the first at once. `undefined`: closes. */
async function against(
  script: readonly (string | undefined)[],
  options: Partial<ConnectOptions>,
  run?: (result: Awaited<ReturnType<typeof connect>>) => Promise<void>,
): Promise<{ readonly result: Awaited<ReturnType<typeof connect>>; readonly heard: string }> {
  let heard = ''
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    const left = [...script]
    const speak = (): void => {
      const next = left.shift()
      if (next === undefined) socket.end()
      else socket.write(next, 'latin1')
    }
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').split('\r\n').slice(0, -1)) {
        heard += `${line}\n`
        if (left.length > 0) speak()
      }
    })
    speak()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // as: listens on TCP
  const result = await connect({ host: '127.0.0.1', port, hostname: 'c.example', tls: 'none', ...options })
  await run?.(result)
  if (result.ok) result.value.close()
  for (const socket of sockets) socket.destroy()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return { result, heard }
}

const OK = '220 hi\r\n'
const refusals: readonly (readonly [
  string,
  readonly (string | undefined)[],
  Partial<ConnectOptions>,
  ClientError['kind'],
  string?,
])[] = [
  ['a line that never ends', ['2'.repeat(5_000)], {}, 'bad-reply', 'line-too-long'],
  ['a reply that never ends', ['220-x\r\n'.repeat(200)], {}, 'bad-reply', 'too-many-lines'],
  ['no reply code', ['hello\r\n'], {}, 'bad-reply', 'bad-code'],
  ['HTTP', ['HTTP/1.1 400 Bad Request\r\n'], {}, 'bad-reply', 'bad-code'],
  ['codes that change', ['220-x\r\n250 x\r\n'], {}, 'bad-reply', 'code-changes'],
  ['bare LF', ['220 x\n'], {}, 'bad-reply', 'bare-lf'],
  ['a greeting that refuses', ['554 no\r\n'], {}, 'refused'],
  ['closing at once', [undefined], {}, 'connection-lost'],
  ['silence', [''], { limits: { greetingSeconds: 0.05 } }, 'timeout'],
  ['a reply too many to wait for', [OK, ''], { limits: { exchangeSeconds: 0.05 } }, 'timeout'],
  ['EHLO and HELO refused', [OK, '500 no\r\n', '500 no\r\n'], {}, 'refused'],
  ['EHLO deferred', [OK, '421 later\r\n'], {}, 'refused'],
  ['no STARTTLS where it is required', [OK, '250 x\r\n'], { tls: 'required' }, 'tls-not-offered'],
  [
    'STARTTLS refused where it is required',
    [OK, '250-x\r\n250 STARTTLS\r\n', '454 no\r\n'],
    { tls: 'required' },
    'tls-refused',
  ],
  [
    'replies behind the answer to STARTTLS',
    [OK, '250-x\r\n250 STARTTLS\r\n', '220 go\r\n250 AUTH PLAIN\r\n'],
    { tls: 'opportunistic' },
    'tls-injection',
  ],
  [
    'no TLS after STARTTLS',
    [OK, '250-x\r\n250 STARTTLS\r\n', '220 go\r\n', 'junk\r\n'],
    { tls: 'opportunistic', limits: { handshakeSeconds: 0.1 } },
    'tls-failed',
  ],
  [
    'no mechanism in common',
    [OK, '250 x\r\n'],
    { credentials: { identity: 'a', choose: () => undefined } },
    'no-mechanism',
  ],
]
for (const [name, script, options, kind, reason] of refusals) {
  test(`connect survives ${name}: ${kind}`, async () => {
    const { result } = await against(script, options)
    assert.ok(!result.ok)
    assert.equal(result.error.kind, kind)
    if (result.error.kind === 'bad-reply') assert.equal(result.error.reason, reason)
  })
}

test('connect gives a reply its time, however it drips', async () => {
  const server = createServer((socket) => {
    const dripping = setInterval(() => socket.write('2'), 5)
    socket.on('error', () => undefined)
    socket.on('close', () => clearInterval(dripping))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // as: listens on TCP
  const limits = { greetingSeconds: 0.1 }
  const result = await connect({ host: '127.0.0.1', port, hostname: 'c.example', tls: 'none', limits })
  await new Promise<void>((resolve) => server.close(() => resolve()))
  assert.ok(!result.ok)
  assert.deepEqual(result.error, { kind: 'timeout', waitingFor: 'greeting' })
})

test('send ends where the server takes no more content in time, block by block or in all', async () => {
  for (const limits of [{ contentSeconds: 0.1 }, { messageSeconds: 0.1 }]) {
    const left = ['250 x\r\n', '250 x\r\n', '250 x\r\n', '354 x\r\n']
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.write(OK)
      socket.on('data', () => {
        socket.write(left.shift() ?? '')
        if (left.length === 0) socket.pause()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // as: listens on TCP
    const options = { host: '127.0.0.1', port, hostname: 'c.example', tls: 'none', limits } as const
    const client = expectOk(await connect(options), 'connect')
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) yield encodeAscii(`${'x'.repeat(998)}\r\n`.repeat(60))
    }
    const sent = await client.send({ sender: path, recipients: [path] }, endless)
    client.close()
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    assert.ok(!sent.ok)
    assert.equal(sent.error.kind, 'connection-lost')
  }
})

test('connect falls back from EHLO to HELO', async () => {
  const { result, heard } = await against([OK, '502 what\r\n', '250 ok\r\n'], { tls: 'opportunistic' })
  assert.ok(result.ok)
  assert.deepEqual([result.value.facts.extended, result.value.facts.offers.size], [false, 0])
  assert.equal(heard, 'EHLO c.example\nHELO c.example\n')
})

test('connect reads EHLO lines that are none as nothing', async () => {
  const { result } = await against([OK, '250-x\r\n250-\xff\xfe\r\n250-=\r\n250-\r\n250-size 10\r\n250 a_b\r\n'], {})
  assert.ok(result.ok)
  assert.deepEqual([...result.value.facts.offers], [['SIZE', ['10']]])
})

test('connect does not believe 235 before the mechanism is complete', async () => {
  const mechanism = { next: async () => ({ ok: true, value: { octets: encodeAscii('x'), complete: false } }) as const }
  const credentials = { identity: 'a', choose: () => ({ name: 'X', mechanism }) }
  const { result } = await against([OK, '250-x\r\n250 AUTH X\r\n', '235 come in\r\n'], { credentials })
  assert.ok(!result.ok)
  assert.deepEqual(result.error, { kind: 'authentication-failed', reason: { kind: 'server-not-proven' } })
})

async function sending(
  script: readonly (string | undefined)[],
  content: string,
  envelope: { readonly size?: number; readonly body?: '8bitmime'; readonly utf8?: boolean } = {},
  recipients = 1,
): Promise<{ readonly outcome: Result<Outcome, ClientError>; readonly heard: string }> {
  const outcomes: Result<Outcome, ClientError>[] = []
  const { heard } = await against(script, {}, async (client) => {
    const { value } = { value: expectOk(client, 'connect') }
    const octets = async function* (): AsyncGenerator<Uint8Array> {
      yield encodeAscii(content)
    }
    outcomes.push(await value.send({ ...envelope, sender: path, recipients: Array(recipients).fill(path) }, octets))
  })
  const [outcome] = outcomes
  assert.ok(outcome)
  return { outcome, heard }
}

const PLAIN = [OK, '250 x\r\n']
const GROUPS = [OK, '250-x\r\n250 PIPELINING\r\n']

test('send says one command at a time without PIPELINING, and no DATA for nobody', async () => {
  const { outcome, heard } = await sending(
    [...PLAIN, '250 ok\r\n', '550 no\r\n', '550 no\r\n', '250 ok\r\n'],
    'x\r\n',
    {},
    2,
  )
  assert.ok(outcome.ok)
  assert.deepEqual([outcome.value.recipients.map(({ code }) => code), outcome.value.data], [[550, 550], undefined])
  assert.equal(heard, 'EHLO c.example\nMAIL FROM:<a@x.example>\nRCPT TO:<a@x.example>\nRCPT TO:<a@x.example>\nRSET\n')
})

test('send ends an empty message where DATA was grouped with recipients that are all refused', async () => {
  const { outcome, heard } = await sending(
    [...GROUPS, '250 ok\r\n', '550 no\r\n', '354 go\r\n', '554 nobody\r\n'],
    'x\r\n',
  )
  assert.ok(outcome.ok)
  assert.deepEqual([outcome.value.recipients.map(({ code }) => code), outcome.value.data], [[550], undefined])
  assert.match(heard, /DATA\n\.\n$/)
})

test('send reports MAIL refused in a group', async () => {
  const { outcome } = await sending([...GROUPS, '550 no\r\n', '503 no\r\n', '503 no\r\n', '250 ok\r\n'], 'x\r\n')
  assert.ok(outcome.ok)
  assert.deepEqual([outcome.value.mail.code, outcome.value.recipients, outcome.value.data], [550, [], undefined])
})

for (const [content, fault] of [
  ['a\nb\r\n', 'bare-lf'],
  ['a\rb\r\n', 'bare-cr'],
  ['a\r\n.\rb\r\n', 'bare-cr'],
  ['a\0b\r\n', 'nul'],
  ['a', 'unterminated-line'],
  [`${'a'.repeat(999)}\r\n`, 'line-too-long'],
] as const) {
  test(`send breaks off at ${JSON.stringify(content.slice(0, 9))}: ${fault}`, async () => {
    const { outcome, heard } = await sending([...PLAIN, '250 ok\r\n', '250 ok\r\n', '354 go\r\n'], content)
    assert.deepEqual(outcome, { ok: false, error: { kind: 'bad-content', fault } })
    assert.match(heard, /DATA\n$/)
  })
}

for (const [extension, enhanced, envelope] of [
  ['SMTPUTF8', '5.6.7', { utf8: true }],
  ['8BITMIME', '5.6.3', { body: '8bitmime' }],
  ['SIZE', '5.3.4', { size: 100 }],
] as const) {
  test(`send refuses by itself what needs ${extension}`, async () => {
    const { outcome, heard } = await sending([OK, '250-x\r\n250 SIZE 99\r\n'], 'x\r\n', envelope)
    assert.deepEqual(outcome, { ok: false, error: { kind: 'not-supported', extension, enhanced } })
    assert.equal(heard, 'EHLO c.example\n')
  })
}

test('send takes no reply that came before its command', async () => {
  const { outcome } = await sending([OK, '250 x\r\n250 early\r\n250 early\r\n250 early\r\n'], 'x\r\n')
  assert.ok(!outcome.ok)
  assert.equal(outcome.error.kind, 'unexpected-reply')
})

test('send takes no 250 in place of 354', async () => {
  const { outcome, heard } = await sending([...PLAIN, '250 ok\r\n', '250 ok\r\n', '250 thanks\r\n'], 'x\r\n')
  assert.ok(!outcome.ok)
  assert.equal(outcome.error.kind, 'unexpected-reply')
  assert.match(heard, /DATA\n$/)
})
