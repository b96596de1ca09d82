// Whatever a client sends, a session says and receives the same at any cut.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeLatin1 } from '@scop/octets'
import { recordingPolicy, type Received } from './loopback.ts'
import { PureSession, TLS_13 } from './pure-session.ts'

const PARTS = [
  'EHLO c\r\n',
  'MAIL FROM:<a@x.example>\r\n',
  'RCPT TO:<b@x.example>\r\n',
  'RCPT TO:<nobody@x.example>\r\n',
  'DATA\r\n',
  'x\r\n',
  '..\r\n',
  '.\r\n',
  '\r\n.\r\n',
  'BDAT 3\r\n',
  'BDAT 7 LAST\r\n',
  'BDAT 0\r\n',
  'RSET\r\n',
  'STARTTLS\r\n',
  'AUTH PLAIN\r\n',
  'AGFsaWNlAHNlY3JldA==\r\n',
  '*\r\n',
  '\r',
  '\n',
  '\0',
  '.',
  '\xff',
  `NOOP ${'x'.repeat(600)}\r\n`,
  `${'y'.repeat(1100)}\r\n`,
]

async function converse(chunks: readonly Uint8Array[]): Promise<readonly [string, readonly Received[], boolean]> {
  const received: Received[] = []
  const pure = new PureSession(recordingPolicy(received), { tls: TLS_13, limits: { messageOctets: 2_000 } })
  await pure.run()
  for (const chunk of chunks) await pure.feed(chunk)
  return [pure.output, received, pure.closed]
}

test('a session says and receives the same at any cut', async () => {
  const transaction = PARTS.slice(0, 3)
  const input = fc
    .array(
      fc.oneof(
        fc.constantFrom(...PARTS),
        fc.constant([...transaction, 'DATA\r\n'].join('')),
        fc.constant(transaction.join('')),
      ),
      { maxLength: 15 },
    )
    .map((parts) => encodeLatin1(parts.join('')))
  await fc.assert(
    fc.asyncProperty(input, fc.nat(500), async (octets, at) => {
      const whole = await converse([octets])
      assert.deepEqual(await converse([octets.subarray(0, at), octets.subarray(at)]), whole)
      assert.deepEqual(await converse(Array.from(octets, (_, i) => octets.subarray(i, i + 1))), whole)
    }),
    { numRuns: 150 },
  )
})
