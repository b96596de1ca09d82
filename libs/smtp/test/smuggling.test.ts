// The known ways to end DATA for one reader and not for another: none of them starts a second transaction.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeLatin1 } from '@scop/octets'
import { accept, type ServerPolicy } from '../src/index.ts'
import { recordingPolicy, type Received } from './loopback.ts'
import { PureSession } from './pure-session.ts'

const SEQUENCES = [
  '\n.\n',
  '\n.\r\n',
  '\r\n.\n',
  '\r.\r\n',
  '\r\n.\r',
  '\r.\n',
  '\r.\r',
  '\n.\r',
  '\n.\r\r\n',
  '\r\n.\r\r\n',
  '\r\n\0.\r\n',
  '\v.\r\n',
  '\xc2\x85.\xc2\x85',
  '\r\r\n.\r\n',
]

async function attack(
  chunks: readonly Uint8Array[],
): Promise<{ readonly senders: readonly string[]; readonly output: string }> {
  const received: Received[] = []
  const senders: string[] = []
  const recording = recordingPolicy(received)
  const policy: ServerPolicy = {
    ...recording,
    mail: async ({ sender }) => {
      senders.push(sender.kind === 'mailbox' ? sender.mailbox.localPart : '')
      return accept()
    },
  }
  const pure = new PureSession(policy)
  for (const chunk of chunks) await pure.feed(chunk)
  return { senders, output: pure.output }
}

for (const sequence of SEQUENCES) {
  const head = 'EHLO c\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nS: 1\r\n\r\nx'
  const tail = 'MAIL FROM:<evil@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\nS: 2\r\n\r\nevil\r\n.\r\nQUIT\r\n'
  const octets = encodeLatin1(head + sequence + tail)
  test(`never starts a second transaction after ${JSON.stringify(sequence)}, at any split`, async () => {
    const whole = await attack([octets])
    assert.deepEqual(whole.senders, ['a'])
    for (let at = 1; at < octets.length; at++) {
      assert.deepEqual(await attack([octets.subarray(0, at), octets.subarray(at)]), whole, `split at ${at}`)
    }
    const single = Array.from(octets, (_, i) => octets.subarray(i, i + 1))
    assert.deepEqual(await attack(single), whole)
    if (/[\r\n]{1,3}\.|\.\r(?!\n)/.test(sequence) || sequence.includes('\0')) {
      assert.match(whole.output, /\r\n554 5\.6\.0 /)
    }
  })
}

for (const line of [
  'NOOP\nMAIL FROM:<evil@x.example>\r\n',
  'NOOP\rMAIL FROM:<evil@x.example>\r\n',
  'NOOP\r\r\n',
  '\n',
]) {
  test(`refuses the command line ${JSON.stringify(line)} and closes, at any split`, async () => {
    for (let at = 0; at < line.length; at++) {
      const pure = new PureSession(recordingPolicy([]))
      await pure.say('EHLO c\r\n')
      const said = (await pure.say(line.slice(0, at))) + (await pure.say(line.slice(at)))
      assert.match(said, /^500 5\.5\.2 .*\r\n$/)
      assert.equal(pure.closed, true)
    }
  })
}
