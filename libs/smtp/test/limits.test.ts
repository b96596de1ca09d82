// Every limit of a server session, tripped.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auth, type Limits, type Mechanisms } from '../src/index.ts'
import { plainOnly, recordingPolicy, type Received } from './loopback.ts'
import { PureSession, TLS_13 } from './pure-session.ts'

const MAIL = 'MAIL FROM:<a@x.example>\r\n'
const RCPT = 'RCPT TO:<b@x.example>\r\n'
const start = async (limits: Partial<Limits>, received: Received[] = []): Promise<PureSession> => {
  const pure = new PureSession(recordingPolicy(received), { limits, tls: TLS_13 })
  await pure.say('EHLO c\r\n')
  return pure
}

const rows: readonly (readonly [keyof Limits, number, readonly string[], RegExp, boolean])[] = [
  [
    'commandLineOctets',
    20,
    [`NOOP ${'x'.repeat(13)}\r\n`, `NOOP ${'x'.repeat(14)}\r\n`, 'NOOP\r\n'],
    /^250 .*\r\n500 5\.5\.2 Line too long\r\n250 .*\r\n$/,
    false,
  ],
  ['discardedLineOctets', 1000, [`NOOP ${'x'.repeat(1600)}`, 'x'], /^500 5\.5\.2 Line too long\r\n$/, true],
  [
    'textLineOctets',
    10,
    [MAIL, RCPT, 'DATA\r\n', '12345678\r\n', '..2345678\r\n', '123456789\r\n', '.\r\n'],
    /\r\n554 5\.6\.0 .*longer than 10 octets\r\n$/,
    false,
  ],
  [
    'messageOctets',
    10,
    [MAIL, RCPT, 'DATA\r\n', '12345678\r\n1\r\n.\r\n', 'NOOP\r\n'],
    /\r\n552 5\.3\.4 .*\r\n250 .*\r\n$/,
    false,
  ],
  ['messageOctets', 10, ['MAIL FROM:<a@x.example> SIZE=11\r\n'], /^552 5\.3\.4 .*\r\n$/, false],
  ['discardedMessageOctets', 10, [MAIL, RCPT, 'BDAT 99999999\r\n'], /\r\n250 2\.1\.5 .*\r\n$/, false],
  ['recipients', 1, [MAIL, RCPT, RCPT], /\r\n452 4\.5\.3 .*\r\n$/, false],
  [
    'refusedRecipients',
    1,
    [MAIL, 'RCPT TO:<nobody@x.example>\r\n', 'RCPT TO:<nobody@x.example>\r\n'],
    /550 .*\r\n550 .*\r\n421 4\.7\.0 .*\r\n$/,
    true,
  ],
  ['badCommands', 1, ['WHAT\r\n', 'RCPT\r\n'], /^500 .*\r\n503 .*\r\n421 4\.7\.0 .*\r\n$/, true],
  ['transactions', 1, [MAIL, 'RSET\r\n', MAIL], /\r\n421 4\.7\.0 Too many transactions.*\r\n$/, true],
  [
    'commands',
    3,
    ['NOOP\r\n', 'NOOP\r\n', 'NOOP\r\n'],
    /^250 .*\r\n250 .*\r\n421 4\.7\.0 Too many commands.*\r\n$/,
    true,
  ],
  ['authenticationFailures', 1, ['AUTH PLAIN AAAA\r\n'], /^535 5\.7\.8 .*\r\n421 4\.7\.0 .*\r\n$/, true],
]
for (const [limit, value, said, expected, closed] of rows) {
  test(`keeps ${limit} (${said.at(-1)?.slice(0, 12).trim()})`, async () => {
    const pure = await start({ [limit]: value })
    let heard = ''
    for (const one of said) heard += await pure.say(one)
    assert.match(heard, expected)
    assert.equal(pure.closed, closed)
  })
}

test('keeps discardedMessageOctets for DATA and BDAT: closes instead of reading on', async () => {
  for (const begin of ['DATA\r\n', 'BDAT 999999\r\n']) {
    const pure = await start({ messageOctets: 10, discardedMessageOctets: 100 })
    await pure.say(MAIL + RCPT + begin)
    for (let i = 0; i < 20 && !pure.closed; i++) await pure.say('12345678\r\n')
    assert.equal(pure.closed, true)
    assert.match(pure.output, /\r\n552 5\.3\.4 .*\r\n$/)
    assert.deepEqual(pure.counts, { begun: 1, ended: 0, aborted: 1 })
  }
})

for (const [limit, said] of [
  ['commandSeconds', ''],
  ['commandSeconds', 'AUTH PLAIN\r\n'],
  ['contentSeconds', `${MAIL}${RCPT}DATA\r\n`],
  ['messageSeconds', `${MAIL}${RCPT}DATA\r\n`],
  ['messageSeconds', `${MAIL}${RCPT}BDAT 0\r\n`],
  ['messageSeconds', 'BDAT 1000\r\n'],
  ['messagelessSeconds', `${MAIL}${RCPT}`],
] as const) {
  test(`keeps ${limit} ${JSON.stringify(said.slice(-12))}, also where octets drip`, async () => {
    const pure = await start({ [limit]: 10 })
    if (said !== '') await pure.say(said)
    assert.equal(pure.wakeAt, 10_000)
    if (limit !== 'contentSeconds') {
      pure.now = 9_000
      await pure.say('x')
      assert.equal(pure.wakeAt, 10_000)
    }
    pure.now = 10_000
    await pure.run()
    assert.match(pure.output, /\r\n421 4\.4\.2 .*\r\n$/)
    assert.equal(pure.closed, true)
  })
}

test('a login that fails for a while is deferred, and not counted', async () => {
  const down = { kind: 'directory-silent' }
  const mechanisms: Mechanisms = {
    ...plainOnly,
    start: () => ({ next: async () => ({ kind: 'failure', reason: down }) }),
    isTemporary: (reason) => reason === down,
  }
  const options = { limits: { authenticationFailures: 1 }, tls: TLS_13, extensions: [auth(mechanisms)] }
  const pure = new PureSession(recordingPolicy([]), options)
  await pure.say('EHLO c\r\n')
  for (let i = 0; i < 3; i++) assert.match(await pure.say('AUTH PLAIN AAAA\r\n'), /^454 [^\r]*\r\n$/)
  assert.equal(pure.closed, false)
})

test('keeps messagelessSeconds, whatever else is said; a message that was taken begins it anew', async () => {
  const pure = await start({ messagelessSeconds: 10 })
  pure.now = 9_000
  await pure.say(`${MAIL}${RCPT}DATA\r\nx\r\n.\r\n`)
  assert.match(pure.output, /\r\n250 [^\r]*\r\n$/)
  assert.equal(pure.wakeAt, 19_000)
  for (const said of ['NOOP\r\n', 'EHLO c\r\n', MAIL, 'RSET\r\n', `${MAIL}${RCPT}DATA\r\n\0\r\n.\r\n`]) {
    pure.now += 1_000
    await pure.say(said)
    assert.equal(pure.wakeAt, 19_000, said)
  }
  pure.now = 19_000
  await pure.run()
  assert.match(pure.output, /\r\n421 4\.4\.2 .*\r\n$/)
})

test('takes a line longer than the core allows where an extension has asked for it', async () => {
  const pure = await start({})
  assert.match(await pure.say(`AUTH PLAIN ${'A'.repeat(12_288 - 16)}\r\n`), /^501 |^535 /)
  assert.match(await pure.say(`NOOP ${'A'.repeat(600)}\r\n`), /^500 5\.5\.2 Line too long/)
  assert.match(await pure.say(`MAIL FROM:<a@x.example>${' '.repeat(520)}\r\n`), /^250 /)
})

test('stops with 421 between commands, after the message under way', async () => {
  const received: Received[] = []
  const pure = await start({}, received)
  await pure.say(`${MAIL}${RCPT}DATA\r\nx\r\n`)
  pure.session.stop()
  assert.match(await pure.say('.\r\nNOOP\r\n'), /^250 .*\r\n421 4\.3\.2 .*\r\n$/)
  assert.deepEqual([received.length, pure.closed], [1, true])
})
