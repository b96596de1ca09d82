// A stranger forges the mail of a bank. It is refused in SMTP with the reason, the log says so, its reputation
// falls with each attempt, and then the firewall does not even let it speak. Nothing of it counts against the bank.

import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { expectOk } from '@scop/result'
import { startTestBottle } from '../harness/bottle.ts'
import { openDialogue } from '../harness/smtp-dialogue.ts'

const TRACE = '0000000000000000'
const ATTEMPTS = 60

test('a forger is refused, sinks, and is shut out', { timeout: 180_000 }, async (t) => {
  const bottle = await startTestBottle({
    domain: 'victim.test',
    name: 'alice',
    zones: { 'bank.test': '@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n' },
    // Straight to the refusal: greylisting and the tarpit, which come before it, have tests of their own.
    settings: [
      [['firewall', 'judge-loopback'], true],
      [['reputation', 'greylist-at'], -60],
      [['reputation', 'tarpit-at'], -60],
      [['reputation', 'evidence-for-any'], 10],
      [['reputation', 'evidence-for-refusal'], 10],
    ],
  })
  t.after(async () => {
    await bottle.stop()
    rmSync(bottle.home.directory, { recursive: true, force: true })
  })
  const { smtp } = bottle.configuration.listen
  const attempt = async (): Promise<string> => {
    const client = await openDialogue({ host: smtp.address, port: smtp.port })
    const greeting = (await client.reply()) ?? 'closed'
    if (!greeting.startsWith('220')) {
      client.close()
      return `greeting ${greeting}`
    }
    await client.command('EHLO forger.test')
    await client.command('MAIL FROM:<ceo@bank.test>')
    await client.command('RCPT TO:<alice@victim.test>')
    await client.command('DATA')
    client.write('From: <ceo@bank.test>\r\nTo: <alice@victim.test>\r\nSubject: pay\r\n\r\nNow.\r\n.\r\n')
    const said = (await client.reply()) ?? 'closed'
    client.close()
    return said
  }
  assert.equal(
    await attempt(),
    '550 5.7.26 DMARC of bank.test asks to reject what it did not send (p=reject)',
    'the first is refused with the right words',
  )
  let shutOut: string | undefined
  for (let count = 0; count < ATTEMPTS && shutOut === undefined; count++) {
    const said = await attempt()
    if (said.startsWith('greeting 554')) shutOut = said
  }
  assert.match(shutOut ?? 'never', /^greeting 554 No service for .* until .*: score -?\d+ of \d+ events: forged/)
  const shown = await bottle.calls.call(
    'verifier',
    'reputation-show',
    { subject: 'helo:forger.test' },
    { trace: TRACE },
  )
  const { response } = expectOk(shown, 'ask for the reputation')
  assert.ok(response.score < -50, `score ${response.score}`)
  assert.equal(response.contributions[0]?.class, 'forged')
  const victim = expectOk(
    await bottle.calls.call('verifier', 'reputation-show', { subject: 'domain:bank.test' }, { trace: TRACE }),
    'ask for the forged domain',
  )
  assert.equal(victim.response.evidence, 0, 'nothing counts against the domain that was forged')
  const logs = readFileSync(bottle.home.log, 'utf8')
  assert.match(logs, /dmarc=fail from=bank\.test/)
  assert.match(logs, /asks to reject what it did not send/)
})
