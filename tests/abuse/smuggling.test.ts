// Ends of data that are none: each of the known sequences, cut anywhere, with a second message behind it. A server may
// take one message or refuse; it may never see a second transaction. RFC 5321 §2.3.8, §4.1.1.4

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { inbox, queueEmpty } from '../harness/inbox.ts'
import { enter } from '../harness/submit.ts'

/** As in the reports of 2023 and later: Postfix, Sendmail, Exim, chasquid, Haraka. */
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
  '\u0085.\u0085',
  '\r\r\n.\r\n',
] as const
const MARK = 'smuggled'

let bottle: TestBottle
before(async () => {
  bottle = await startTestBottle({ domain: 'smuggle.example', name: 'alice', address: '127.0.42.1' })
})
after(async () => {
  await bottle?.stop()
  rmSync(bottle.home.directory, { recursive: true, force: true })
})

/** What is written, in pieces: whole, or cut once at `at` octets from the start of the sequence. */
async function attack(listener: 'smtp' | 'submissions', sequence: string, at: number | undefined): Promise<string[]> {
  const client = await enter(bottle, listener)
  const sender = listener === 'smtp' ? 'stranger@elsewhere.example' : bottle.account
  for (const line of [`MAIL FROM:<${sender}>`, `RCPT TO:<${bottle.account}>`, 'DATA']) {
    assert.match(await client.command(line), /^[23]/)
  }
  const header = (subject: string): string => `From: <${sender}>\r\nSubject: ${subject}\r\n\r\n`
  const second = `MAIL FROM:<${sender}>\r\nRCPT TO:<${bottle.account}>\r\nDATA\r\n${header(MARK)}x\r\n.\r\n`
  const before = Buffer.from(`${header('carrier')}first`)
  const middle = Buffer.from(sequence, 'utf8')
  const all = Buffer.concat([before, middle, Buffer.from(second)])
  const cut = at === undefined ? all.length : before.length + at
  client.socket.setNoDelay(true)
  client.write(all.subarray(0, cut))
  if (cut < all.length) {
    await sleep(15) // a segment of its own
    client.write(all.subarray(cut))
  }
  const replies: string[] = []
  for (;;) {
    const reply = await Promise.race([client.reply(), sleep(250, 'silence')])
    if (reply === undefined || reply === 'silence') break
    replies.push(reply)
  }
  client.close()
  return replies
}

for (const listener of ['smtp', 'submissions'] as const) {
  for (const sequence of SEQUENCES) {
    test(`${listener}: ${JSON.stringify(sequence)}`, async () => {
      const octets = Buffer.byteLength(sequence)
      const cuts = [undefined, ...Array.from({ length: octets + 1 }, (_, at) => at)]
      const all = await Promise.all(cuts.map((at) => attack(listener, sequence, at)))
      for (const [i, replies] of all.entries()) {
        const said = `cut at ${String(cuts[i])}: ${replies.join(' | ')}`
        const taken = replies.filter((reply) => reply.startsWith('250 2.6.0'))
        assert.ok(!replies.some((reply) => reply.startsWith('354')), said)
        assert.ok(taken.length + replies.filter((reply) => reply.startsWith('5')).length >= 1, said)
        assert.ok(taken.length <= 1, said)
        assert.ok(!replies.some((reply) => /^250 2\.1\.[05]/.test(reply)), `a second transaction: ${said}`)
      }
    })
  }
}

test('the mailbox holds no smuggled message', async (t) => {
  await queueEmpty(bottle)
  const subjects = (await inbox(bottle)).map(({ subject }) => subject)
  assert.deepEqual(
    subjects.filter((subject) => subject !== 'carrier'),
    [],
  )
  t.diagnostic(`${subjects.length} carriers were taken as one message, the others refused`)
})
