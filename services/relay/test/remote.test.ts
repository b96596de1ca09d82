// Delivery to other servers, against servers that answer as the world does.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseDomainName, parseIpAddress } from '@scop/identifiers'
import { issueServerCertificate } from '@scop/mesh/authority'
import { expectOk } from '@scop/result'
import type { Envelope } from '@scop/bottle'
import { openConnections } from '../src/connections.ts'
import { deliverRemotely } from '../src/remote.ts'
import type { MailNames } from '../src/receivers.ts'
import { type FakeServer, fakeServer, type Script } from './fake-server.ts'
import { enqueue, envelope, queueIn } from './queue-fixture.ts'

const HOSTNAME = expectOk(parseDomainName('mx.one.example'), 'parse')
const ADDRESSES = ['127.0.31.1', '127.0.31.2'] as const
const TO_BOB = envelope('a@one.example', 'bob@two.example')

type World = {
  readonly servers: readonly FakeServer[]
  /** Delivers one message; what became of each recipient, as `never 5.1.1`. */
  readonly deliver: (to?: Envelope, text?: string) => Promise<readonly string[]>
  /** As `deliver`, with the reply of the first recipient. */
  readonly replyTo: (to?: Envelope, text?: string) => Promise<string>
}

/** Its MX hosts are `scripts`, in this order. */
async function world(
  t: TestContext,
  scripts: readonly Script[],
  options: { readonly verified?: boolean; readonly authorities?: string; readonly messages?: number } = {},
): Promise<World> {
  const servers: FakeServer[] = []
  for (const [i, script] of scripts.entries()) {
    servers.push(await fakeServer(t, ADDRESSES[i] ?? '127.0.31.3', servers[0]?.port ?? 0, script))
  }
  const { queue } = await queueIn(t)
  const ending = new AbortController()
  const connections = openConnections({
    hostname: HOSTNAME,
    sourceAddresses: [],
    port: servers[0]?.port ?? 0,
    authorities: options.authorities,
    perDestination: 2,
    idleMs: 5_000,
    messages: options.messages ?? 100,
    signal: ending.signal,
  })
  t.after(async () => {
    await connections.close()
    ending.abort()
  })
  const security = 'insecure'
  const absent = { kind: 'nodata', security } as const
  const host = (i: number) => expectOk(parseDomainName(`mx${i}.two.example`), 'parse')
  const exchanges = servers.map((_, i) => ({ preference: i, exchange: host(i) }))
  const names: MailNames = {
    mx: async () => ({ kind: 'answer', value: { kind: 'mx', exchanges }, security }),
    addresses: async (name) => {
      const server = servers.find((_, i) => host(i) === name)
      if (server === undefined) return absent
      return { kind: 'answer', value: [expectOk(parseIpAddress(server.address), 'parse')], security }
    },
  }
  const rules = { hostname: HOSTNAME, ownAddresses: [], allowLoopback: true, hosts: 5, addressesPerHost: 4 }
  const remote = {
    queue,
    names,
    connections,
    rules,
    verifiedTlsFor: () => options.verified ?? false,
    receivedFields: 3,
  }
  const attempt = async (to: Envelope = TO_BOB, text?: string) => {
    const entry = await enqueue(queue, to, text)
    const verdicts = await deliverRemotely(remote, entry, entry.recipients)
    return entry.recipients.map(({ position }) => verdicts.get(position))
  }
  return {
    servers,
    deliver: async (to, text) =>
      (await attempt(to, text)).map((verdict) =>
        verdict === undefined || verdict.kind === 'delivered' ? 'delivered' : `${verdict.kind} ${verdict.status}`,
      ),
    replyTo: async (to, text) => (await attempt(to, text))[0]?.reply ?? '',
  }
}

const refuse =
  (verb: string, reply: string): NonNullable<Script['answer']> =>
  (line) =>
    line.startsWith(verb) ? reply : undefined

const ONE_SERVER: readonly (readonly [string, Script, string])[] = [
  ['delivers', {}, 'delivered'],
  ['delivers without any extension', { keywords: [] }, 'delivered'],
  ['delivers to a server of before ESMTP', { answer: refuse('EHLO', '500 what?') }, 'delivered'],
  ['greeting 4yz', { greeting: '421 4.3.2 busy' }, 'later 4.4.0'],
  ['greeting 5yz is about the connection', { greeting: '554 5.7.1 no' }, 'later 4.4.0'],
  ['no SMTP at all', { greeting: 'HTTP/1.1 400 Bad Request' }, 'later 4.5.0'],
  ['closes at once', { answer: refuse('EHLO', 'drop') }, 'later 4.4.1'],
  ['MAIL 4yz', { answer: refuse('MAIL', '451 4.7.1 greylisted') }, 'later 4.7.1'],
  ['MAIL 5yz', { answer: refuse('MAIL', '550 5.7.1 go away') }, 'never 5.7.1'],
  ['RCPT 4yz', { answer: refuse('RCPT', '450 4.2.1 mailbox busy') }, 'later 4.2.1'],
  ['RCPT 5yz', { answer: refuse('RCPT', '550 5.1.1 no such user') }, 'never 5.1.1'],
  ['RCPT 5yz, not enhanced', { answer: refuse('RCPT', '550 no such user') }, 'never 5.0.0'],
  ['DATA 4yz', { answer: refuse('DATA', '451 4.3.0 not now') }, 'later 4.3.0'],
  ['DATA 5yz', { answer: refuse('DATA', '554 5.5.1 no') }, 'never 5.5.1'],
  ['a 250 to DATA takes nothing over', { answer: refuse('DATA', '250 2.0.0 thanks') }, 'later 4.5.0'],
  ['end of data 4yz', { answer: refuse('.', '452 4.3.1 disk full') }, 'later 4.3.1'],
  ['end of data 5yz', { answer: refuse('.', '550 5.7.1 spam') }, 'never 5.7.1'],
  ['lost after the end of data', { answer: refuse('.', 'drop') }, 'later 4.4.1'],
]
for (const [what, script, expected] of ONE_SERVER) {
  test(what, async (t) => {
    const { deliver, servers } = await world(t, [script])
    assert.deepEqual(await deliver(), [expected])
    if (expected === 'delivered') {
      assert.equal(servers[0]?.messages[0]?.text, 'Received: y\r\nSubject: x\r\n\r\nbody\r\n')
    }
  })
}

const NEXT_HOST: readonly (readonly [string, Script])[] = [
  ['greeting 4yz', { greeting: '421 busy' }],
  ['greeting 5yz', { greeting: '554 no' }],
  ['EHLO 4yz', { answer: refuse('EHLO', '421 closing') }],
  ['MAIL 4yz', { answer: refuse('MAIL', '451 not now') }],
  ['a connection lost before the end of data', { answer: refuse('DATA', 'drop') }],
]
for (const [what, script] of NEXT_HOST) {
  test(`goes to the next host after ${what}`, async (t) => {
    const { deliver, servers } = await world(t, [script, {}])
    assert.deepEqual(await deliver(), ['delivered'])
    assert.equal(servers[1]?.messages.length, 1)
  })
}

const NOT_NEXT_HOST: readonly (readonly [string, Script, string])[] = [
  ['a recipient refused', { answer: refuse('RCPT', '550 5.1.1 no') }, 'never 5.1.1'],
  ['a recipient put off', { answer: refuse('RCPT', '450 4.2.1 no') }, 'later 4.2.1'],
  ['a message refused', { answer: refuse('.', '554 5.7.1 no') }, 'never 5.7.1'],
  ['a message that was perhaps taken', { answer: refuse('.', 'drop') }, 'later 4.4.1'],
]
for (const [what, script, expected] of NOT_NEXT_HOST) {
  test(`stays with the host after ${what}`, async (t) => {
    const { deliver, servers } = await world(t, [script, {}])
    assert.deepEqual(await deliver(), [expected])
    assert.equal(servers[1]?.connections(), 0)
  })
}

test('some recipients refused: the others get the message', async (t) => {
  const answer: NonNullable<Script['answer']> = (line) =>
    line.includes('<c@') ? '550 5.1.1 who?' : line.includes('<d@') ? '450 4.2.1 busy' : undefined
  const { deliver, servers } = await world(t, [{ answer }])
  const to = envelope('a@one.example', 'b@two.example', 'c@two.example', 'd@two.example', 'e@two.example')
  assert.deepEqual(await deliver(to), ['delivered', 'never 5.1.1', 'later 4.2.1', 'delivered'])
  assert.deepEqual(servers[0]?.messages[0]?.recipients, ['b@two.example', 'e@two.example'])
})

test('a connection is kept for the next message, up to its number of messages', async (t) => {
  const { deliver, servers } = await world(t, [{}], { messages: 2 })
  for (let i = 0; i < 3; i++) assert.deepEqual(await deliver(), ['delivered'])
  assert.equal(servers[0]?.connections(), 2)
})

test('a kept connection that was lost while idle is replaced', async (t) => {
  const { deliver, servers } = await world(t, [{}])
  assert.deepEqual(await deliver(), ['delivered'])
  servers[0]?.dropAll()
  await sleep(20)
  assert.deepEqual(await deliver(), ['delivered'])
  assert.equal(servers[0]?.connections(), 2)
  assert.equal(servers[0]?.messages.length, 2)
})

test('a kept connection that is lost after the end of data does not send the message twice', async (t) => {
  let ends = 0
  const { deliver, servers } = await world(t, [
    { answer: (line) => (line === '.' && ++ends === 2 ? 'drop' : undefined) },
  ])
  assert.deepEqual(await deliver(), ['delivered'])
  assert.deepEqual(await deliver(), ['later 4.4.1'])
  assert.equal(servers[0]?.messages.length, 2)
  assert.equal(servers[0]?.connections(), 1)
})

test('not more connections at once than are allowed', async (t) => {
  const { deliver, servers } = await world(t, [{}])
  const all = await Promise.all(Array.from({ length: 8 }, () => deliver()))
  assert.deepEqual(new Set(all.flat()), new Set(['delivered']))
  assert.equal(servers[0]?.messages.length, 8)
  assert.ok((servers[0]?.connections() ?? 9) <= 2)
})

test('a message that comes back too often goes nowhere', async (t) => {
  const { deliver, servers } = await world(t, [{}])
  const received = 'Received: by somebody\r\n'
  assert.deepEqual(await deliver(TO_BOB, `${received.repeat(2)}\r\nx\r\n`), ['delivered']) // and ours above: three
  assert.deepEqual(await deliver(TO_BOB, `${received.repeat(3)}\r\nx\r\n`), ['never 5.4.6'])
  assert.equal(servers[0]?.messages.length, 1)
})

test('eight bits to a server that takes seven are reported', async (t) => {
  const { deliver, replyTo, servers } = await world(t, [{ keywords: ['PIPELINING'] }])
  const text = 'Subject: x\r\n\r\nGr\u00fc\u00dfe\r\n'
  assert.deepEqual(await deliver(TO_BOB, text), ['never 5.6.3'])
  assert.match(await replyTo(TO_BOB, text), /8BITMIME/)
  assert.equal(servers[0]?.messages.length, 0)
})

test('internationalized mail to a server without SMTPUTF8 is reported', async (t) => {
  const { deliver } = await world(t, [{ keywords: ['8BITMIME'] }])
  const to = { ...envelope('a@one.example', 'b\u00f6b@two.example'), smtpUtf8: true }
  assert.deepEqual(await deliver(to), ['never 5.6.7'])
})

test('dots at the start of a line arrive as they were', async (t) => {
  const { deliver, servers } = await world(t, [{}])
  assert.deepEqual(await deliver(TO_BOB, 'Subject: x\r\n\r\n.\r\n..\r\n'), ['delivered'])
  assert.match(servers[0]?.messages[0]?.text ?? '', /\r\n\r\n\.\.\r\n\.\.\.\r\n$/) // as on the wire: stuffed
})

const certificate = await issueServerCertificate(['mx0.two.example'], { nowMs: Date.now() })
const TLS = { key: certificate.keyPem, certificate: certificate.certificatePem }

test('TLS is taken where it is offered, with whatever certificate', async (t) => {
  const { deliver, servers } = await world(t, [{ tls: TLS }])
  assert.deepEqual(await deliver(), ['delivered'])
  assert.equal(servers[0]?.messages[0]?.tls, true)
})

test('broken TLS: in clear where nobody demands it', async (t) => {
  const { deliver, servers } = await world(t, [{ tls: 'broken' }])
  assert.deepEqual(await deliver(), ['delivered'])
  assert.equal(servers[0]?.messages[0]?.tls, false)
})

test('STARTTLS refused: in clear where nobody demands it', async (t) => {
  const { deliver, servers } = await world(t, [{ tls: TLS, answer: refuse('STARTTLS', '454 not now') }])
  assert.deepEqual(await deliver(), ['delivered'])
  assert.equal(servers[0]?.messages[0]?.tls, false)
})

test('verified TLS: delivered to whom it should be', async (t) => {
  const { deliver, servers } = await world(t, [{ tls: TLS }], { verified: true, authorities: TLS.certificate })
  assert.deepEqual(await deliver(), ['delivered'])
  assert.equal(servers[0]?.messages[0]?.tls, true)
})

const NEVER_IN_CLEAR: readonly (readonly [string, Script, string | undefined])[] = [
  ['not offered', {}, undefined],
  ['broken', { tls: 'broken' }, undefined],
  ['refused', { tls: TLS, answer: refuse('STARTTLS', '454 not now') }, TLS.certificate],
  ['of an unknown authority', { tls: TLS }, undefined],
]
for (const [what, script, authorities] of NEVER_IN_CLEAR) {
  test(`demanded TLS that is ${what}: the message waits`, async (t) => {
    const { deliver, servers } = await world(t, [script], {
      verified: true,
      ...(authorities !== undefined && { authorities }),
    })
    const [verdict] = await deliver()
    assert.match(verdict ?? '', /^later 4\./)
    assert.equal(servers[0]?.messages.length, 0)
    assert.ok(!servers[0]?.commands.some((line) => line.startsWith('MAIL')))
  })
}

test('demanded TLS of another name: the message waits', async (t) => {
  const { deliver, servers } = await world(t, [{ greeting: '421 busy' }, { tls: TLS }], {
    verified: true,
    authorities: TLS.certificate,
  })
  assert.match((await deliver())[0] ?? '', /^later 4\./)
  assert.equal(servers[1]?.messages.length, 0) // it is mx1, the certificate is for mx0
})
