// Random commands against a model of the envelope: a message is received only with a fresh MAIL and an accepted RCPT.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { accept, formatPath, refuse, reply, type ServerPolicy, type Verdict } from '../src/index.ts'
import { PureSession } from './pure-session.ts'

const COMMANDS = [
  'HELO c',
  'EHLO c',
  'MAIL FROM:<a@x.example>',
  'MAIL FROM:<>',
  'MAIL FROM:<a@x.example> SIZE=999999999999',
  'MAIL FROM:a',
  'RCPT TO:<b@x.example>',
  'RCPT TO:<Postmaster>',
  'RCPT TO:<>',
  'RSET',
  'NOOP',
  'VRFY b',
  'HELP',
  'BOGUS',
  'AUTH PLAIN',
  'STARTTLS',
  'DATA',
  'DATA-BAD',
  'BDAT-LAST',
  'BDAT',
  'BDAT-BAD',
] as const
const VERDICTS: readonly Verdict[] = [
  accept(),
  accept(),
  accept(),
  refuse(reply(550, '5.7.1', 'no')),
  refuse(reply(451, '4.7.1', 'later')),
]

test('receives a message only with a fresh MAIL and at least one accepted RCPT', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...COMMANDS), fc.nat(VERDICTS.length - 1)), { maxLength: 40 }),
      async (script) => {
        let verdict: Verdict = accept()
        let sender: string | undefined // accepted since the last message, reset, hello
        let recipients: string[] = []
        let messages = 0
        const policy: ServerPolicy = {
          greeting: async () => accept(),
          mail: async (transaction) => {
            assert.equal(sender, undefined, 'MAIL inside a transaction')
            if (verdict.kind === 'accept') sender = formatPath(transaction.sender)
            return verdict
          },
          recipient: async ({ path }) => {
            assert.notEqual(sender, undefined, 'RCPT without MAIL')
            if (verdict.kind === 'accept') recipients.push(formatPath(path))
            return verdict
          },
          message: async (transaction) => {
            messages++
            assert.equal(formatPath(transaction.sender), sender)
            assert.deepEqual(
              transaction.recipients.map(({ path }) => formatPath(path)),
              recipients,
            )
            assert.notEqual(recipients.length, 0, 'a message for nobody')
            forget()
            return verdict
          },
        }
        const forget = (): void => {
          sender = undefined
          recipients = []
        }
        const pure = new PureSession(policy, { limits: { badCommands: 1000, refusedRecipients: 1000 } })
        await pure.run()
        for (const [command, chosen] of script) {
          verdict = VERDICTS[chosen] ?? accept()
          if (pure.closed) break
          if (command.startsWith('DATA')) {
            const said = await pure.say('DATA\r\n')
            assert.equal(said.startsWith('354'), recipients.length > 0)
            if (!said.startsWith('354')) continue
            await pure.say(command === 'DATA' ? 'x\r\n.\r\n' : 'x\nMAIL FROM:<e@x.example>\r\n.\r\n')
            forget()
          } else if (command.startsWith('BDAT')) {
            const content = command === 'BDAT-BAD' ? 'x\ny\r\n' : 'xyz\r\n'
            const said = await pure.say(`BDAT 5${command === 'BDAT-LAST' ? ' LAST' : ''}\r\n${content}`)
            if (command !== 'BDAT' || !said.startsWith('2')) {
              if (!said.startsWith('503')) forget()
            }
          } else {
            const before = pure.session.state.name
            const said = await pure.say(`${command}\r\n`)
            if (/^(?:RSET|HELO|EHLO)/.test(command) && said.startsWith('250')) forget()
            if (command === 'STARTTLS' && said.startsWith('220')) forget()
            if (before === 'extension' && command.startsWith('HELO')) assert.match(said, /^503/)
          }
        }
        assert.equal(
          pure.counts.begun,
          pure.counts.ended + pure.counts.aborted + (pure.session.state.name === 'extension' ? 1 : 0),
        )
        assert.equal(messages, pure.counts.ended)
      },
    ),
    { numRuns: 400 },
  )
})
