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
const one = fc.constantFrom(...COMMANDS)
/** What a client would say, with one thing more somewhere. */
const likely = fc
  .tuple(fc.constantFrom('DATA', 'DATA', 'DATA-BAD', 'BDAT', 'BDAT-LAST', 'BDAT-BAD'), fc.option(one), fc.nat(5))
  .map(([last, extra, at]) => {
    const commands: string[] = [
      'EHLO c',
      'MAIL FROM:<a@x.example>',
      'RCPT TO:<b@x.example>',
      'RCPT TO:<b@x.example>',
      last,
    ]
    if (extra !== null) commands.splice(at, 0, extra)
    return commands
  })
const VERDICTS: readonly Verdict[] = [
  accept(),
  accept(),
  accept(),
  refuse(reply(550, '5.7.1', 'no')),
  refuse(reply(451, '4.7.1', 'later')),
]

let received = 0

test('receives a message only with a fresh MAIL and at least one accepted RCPT', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          likely,
          one.map((command) => [command]),
        ),
        { maxLength: 12 },
      ),
      fc.infiniteStream(fc.nat(VERDICTS.length - 1)),
      async (script, choices) => {
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
            received++
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
        for (const command of script.flat()) {
          const chosen = choices.next()
          verdict = VERDICTS[chosen.done === true ? 0 : chosen.value] ?? accept()
          if (pure.closed) break
          if (command.startsWith('DATA')) {
            const between = pure.session.state.name === 'extension' // chunks
            const said = await pure.say('DATA\r\n')
            assert.equal(said.startsWith('354'), recipients.length > 0 && !between)
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
            const said = await pure.say(`${command}\r\n`)
            if (/^(?:RSET|HELO|EHLO)/.test(command) && said.startsWith('250')) forget()
            if (command === 'STARTTLS' && said.startsWith('220')) forget()
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
  assert.ok(received > 100, `only ${received} messages were received`)
})
