// RFC 6376 §8.15
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFigures, formatEnvelope } from '@scop/bottle'
import type { Calls, Facts, Log } from '@scop/bottle/node'
import { parseDomainName, parseMailbox } from '@scop/identifiers'
import { err, expectOk } from '@scop/result'
import { verifierHandlers } from '../src/handlers.ts'
import type { Reputation } from '../src/reputation.ts'
import { CONSEQUENCES, whyReadersDiffer } from '../src/why-readers-differ.ts'

const NO_REPUTATION: Reputation = {
  recordSeen: () => undefined,
  recordEvents: () => undefined,
  standingOf: () => assert.fail('nobody asks'),
  standings: () => [],
  rows: () => [],
  size: 0,
  load: () => undefined,
  pardon: () => false,
  close: async () => undefined,
}
const TRACE = '0123456789abcdef'

async function verify(message: string) {
  const logged: { event: string; facts: Facts | undefined }[] = []
  const note = (event: string, facts?: Facts): void => void logged.push({ event, facts })
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const figures = createFigures()
  const calls: Calls = {
    call: async (_callee, _operation, _request, options) => {
      for await (const _ of options.octets ?? []);
      await options.tail?.()
      return err({ kind: 'bad-response', reason: 'the test ends here' })
    },
    facts: () => [],
    close: async () => undefined,
  }
  const handlers = verifierHandlers({
    hostname: expectOk(parseDomainName('mx.two.example'), 'parse'),
    receivedFields: 3,
    policy: { author: 'refuse', dmarcReject: 'refuse', dmarcQuarantine: 'junk', spfFail: 'junk' },
    trustedSealers: [],
    sample: () => 0,
    askDns: () => ({
      ask: async () => ({ kind: 'no-such-record' }),
      exists: async () => ({ kind: 'name-exists' }),
    }),
    reputation: NO_REPUTATION,
    calls,
    now: () => 1_800_000_000_000,
    log,
    figures,
  })
  const request = formatEnvelope({
    trace: TRACE,
    sender: undefined,
    recipients: [expectOk(parseMailbox('bob@two.example'), 'parse')],
    smtpUtf8: false,
    body: '7bit',
    arrival: { receivedAtMs: 0, protocol: 'ESMTP', client: undefined, tls: undefined, authenticated: undefined },
  })
  async function* octets() {
    yield Buffer.from(message)
  }
  const call = {
    peer: 'receiver',
    trace: TRACE,
    request,
    octets: octets(),
    signal: new AbortController().signal,
  } as const
  await assert.rejects(handlers.verify({ ...call, tail: async () => ({ above: '' }) }))
  return { logged, figures: figures.snapshot() }
}

const ROWS: readonly (readonly [string, string, Readonly<Record<string, number>>])[] = [
  ['From: <a@b.example>\r\n\r\nhi\r\n', '', { messages_verified_total: 1 }],
  [
    'From: <a@b.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain (a); charset=utf-7\r\n\r\nhi\r\n',
    'comment-in-mime-field odd-charset',
    { messages_verified_total: 1, messages_ambiguous_total: 1 },
  ],
  [
    'From: <a@b.example>\r\nSubject: a\r\nSubject: b\r\n\r\nhi\r\n',
    'duplicate-message-field',
    { messages_verified_total: 1, messages_ambiguous_total: 1, messages_unreadable_total: 1 },
  ],
]
for (const [message, ambiguous, figures] of ROWS) {
  test(`logs and counts ${ambiguous === '' ? 'no ambiguity' : ambiguous}`, async () => {
    const outcome = await verify(message)
    assert.deepEqual(outcome.figures, figures)
    assert.deepEqual(outcome.logged[0], {
      event: 'verified',
      facts: {
        trace: TRACE,
        results: 'dkim=none; dmarc=none from=b.example',
        forgedResultsRemoved: 0,
        ambiguous,
        decision: 'inbox',
      },
    })
  })
}

test('a kind demotes as its row says, and one about a message in the message only where it says so', () => {
  for (const [kind, [consequence]] of Object.entries(CONSEQUENCES)) {
    const own = whyReadersDiffer([{ kind: kind as keyof typeof CONSEQUENCES, path: [], offset: 0 }])
    const inner = whyReadersDiffer([{ kind: kind as keyof typeof CONSEQUENCES, path: [0], offset: 0 }])
    assert.equal(own, consequence === 'record' ? undefined : kind.replaceAll('-', ' '))
    assert.equal(inner, consequence === 'demote' ? kind.replaceAll('-', ' ') : undefined)
  }
})
