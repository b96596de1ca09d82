// Who misbehaves is turned away at the connection, with a reason, until it ends, is undone, or an administrator allows it;
// and a restart forgets none of it. Live: sockets to a running bottle, its own command line.
// RFC 5321 §3.1 (554), RFC 6647 (greylisting)

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Request, Response } from '@scop/bottle'
import { formatKeyRecord, parseSelector, startSigning } from '@scop/dkim'
import { parseDomainName } from '@scop/identifiers'
import { parseHeaderSection } from '@scop/mime'
import { expectOk } from '@scop/result'
import { startTestBottle, type TestBottle } from '../harness/bottle.ts'
import { dialogueOn, type Dialogue } from '../harness/smtp-dialogue.ts'

const SCOP = fileURLToPath(new URL('../../cli/bin/scop.mjs', import.meta.url))
const TRACE = '0000000000000000'
const BECAUSE = { author: 'test', reason: 'a test of the firewall' }
let bottle: TestBottle
before(async () => {
  bottle = await startTestBottle({
    domain: 'walled.example',
    name: 'alice',
    address: '127.0.46.1',
    settings: [
      [['firewall', 'judge-loopback'], true],
      [['firewall', 'trusted'], ['127.0.46.0/24']],
      [['firewall', 'tarpit-seconds'], 1],
      [['firewall', 'tarpit-sessions'], 2],
      [['firewall', 'greylist-seconds'], 1],
      [['reputation', 'first-ban-seconds'], 20],
      [['reputation', 'dns-list'], 'own'],
      [['reputation', 'dns-list-seconds'], 1],
    ],
  })
})
after(async () => {
  await bottle?.stop()
  rmSync(bottle.home.directory, { recursive: true, force: true })
})

async function dial(localAddress: string): Promise<Dialogue> {
  const { address: host, port } = bottle.configuration.listen.smtp
  const socket = connect({ host, port, localAddress })
  await once(socket, 'connect')
  return dialogueOn(socket)
}

/** The greeting, and whether the connection was closed behind it. */
async function greetingOf(localAddress: string): Promise<string> {
  const dialogue = await dial(localAddress)
  const greeting = (await dialogue.reply()) ?? 'closed'
  if (greeting.startsWith('554')) assert.equal(await dialogue.reply(), undefined, 'closed behind the refusal')
  dialogue.close()
  return greeting
}

/** Names `count` recipients that do not exist: the last reply. */
async function guessRecipients(localAddress: string, count: number): Promise<void> {
  const dialogue = await dial(localAddress)
  await dialogue.reply()
  await dialogue.command('EHLO guess.example')
  await dialogue.command('MAIL FROM:<a@guess.example>')
  for (let i = 0; i < count; i++) assert.match(await dialogue.command(`RCPT TO:<nobody${i}@walled.example>`), /^550/)
  dialogue.close()
}

/** Tries to hide a second message behind a bare LF, so many times at once. */
async function smuggle(localAddress: string, count = 1): Promise<void> {
  const dialogues = await Promise.all(Array.from({ length: count }, () => dial(localAddress)))
  const greetings = await Promise.all(dialogues.map((dialogue) => dialogue.reply()))
  for (const [i, dialogue] of dialogues.entries()) {
    if (greetings[i]?.startsWith('220') === true) {
      await dialogue.command('EHLO smuggler.example')
      await dialogue.command('MAIL FROM:<a@smuggler.example>')
      await dialogue.command('RCPT TO:<alice@walled.example>')
      await dialogue.command('DATA')
      dialogue.write('Subject: x\r\n\r\na\n.\nMAIL FROM:<b@smuggler.example>\r\n.\r\n')
      assert.match((await dialogue.reply()) ?? 'closed', /^554 5\.6\.0/)
    }
    dialogue.close()
  }
}

const show = async (subject: string): Promise<Response<'verifier', 'reputation-show'>> =>
  expectOk(await bottle.calls.call('verifier', 'reputation-show', { subject }, { trace: TRACE }), 'show').response
const rules = async (): Promise<Response<'receiver', 'firewall-list'>['rules']> =>
  expectOk(await bottle.calls.call('receiver', 'firewall-list', {}, { trace: TRACE }), 'list').response.rules
const rule = async (network: string, action: Request<'receiver', 'firewall-add'>['action'], seconds?: number) =>
  bottle.calls.call(
    'receiver',
    'firewall-add',
    { network, action, ...(seconds !== undefined && { seconds }), ...BECAUSE },
    { trace: TRACE },
  )
const undo = async (network: string) =>
  expectOk(await bottle.calls.call('receiver', 'firewall-undo', { network, ...BECAUSE }, { trace: TRACE }), 'undo')
    .response.removed

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 40_000; performance.now() < end; await sleep(50)) if (await holds()) return
  assert.fail(what)
}

async function restart(service: 'receiver' | 'verifier'): Promise<void> {
  expectOk(await bottle.calls.call('supervisor', 'restart', { service }, { trace: TRACE }), `restart ${service}`)
}

test('a network that misbehaves enough is refused, until the ban ends', { timeout: 120_000 }, async () => {
  assert.match(await greetingOf('127.0.47.1'), /^220 /)
  await smuggle('127.0.47.1', 32)
  await until('no refusal', async () => (await greetingOf('127.0.47.2')).startsWith('554'))
  const greeting = await greetingOf('127.0.47.3')
  assert.match(
    greeting,
    /^554 No service for 127\.0\.47\.0\/24 until 20\d\d-\S+Z: score -\d\d of 3\d events: smuggling 3\d$/,
  )
  assert.match(await greetingOf('127.0.48.1'), /^220 /, 'others are served')

  const shown = await show('127.0.47.9')
  assert.equal(shown.judgement, 'refuse')
  assert.equal(shown.ban?.measure, 'refuse')
  assert.deepEqual(
    shown.contributions.map((one) => one.class),
    ['smuggling'],
  )
  const sum = shown.contributions.reduce((total, { points }) => total + points, 0)
  assert.ok(Math.abs(sum - shown.score) < 1e-6)
  const [made] = await rules()
  assert.equal(made?.by, 'reputation')
  assert.equal(made?.network, '127.0.47.0/24')
  // The name that they gave is known too, and banned nowhere.
  assert.equal((await show('helo:smuggler.example')).ban, undefined)
  assert.equal((await show('smuggler.example')).touchedMs, undefined, 'a domain that was only named')

  await until('the ban does not end', async () => (await greetingOf('127.0.47.1')).startsWith('220'))
  assert.equal((await show('127.0.47.1')).ban, undefined)
  // The next time it is longer.
  await smuggle('127.0.47.1')
  await until('no second ban', async () => (await show('127.0.47.1')).ban?.repetition === 2)
})

test('a restart keeps the ban, and undo lifts it for good', { timeout: 60_000 }, async () => {
  await until('no refusal', async () => (await greetingOf('127.0.47.1')).startsWith('554'))
  await restart('receiver')
  await until('receiver', async () => (await greetingOf('127.0.48.1').catch(() => '')).startsWith('220'))
  assert.match(await greetingOf('127.0.47.1'), /^554 /)
  await restart('verifier')
  await until('verifier', async () => (await show('127.0.47.1').catch(() => undefined))?.ban?.repetition === 2)

  const removed = await undo('127.0.47.0/24')
  assert.deepEqual(
    removed.map(({ by, action }) => `${by} ${action}`),
    ['reputation refuse'],
  )
  const request = { subject: 'network:127.0.47.0/24', ...BECAUSE }
  expectOk(await bottle.calls.call('verifier', 'reputation-pardon', request, { trace: TRACE }), 'pardon')
  assert.match(await greetingOf('127.0.47.1'), /^220 /)
  assert.equal((await show('127.0.47.1')).touchedMs, undefined)
})

test('weak signs slow a network down or put it off, and never refuse it', { timeout: 60_000 }, async () => {
  await guessRecipients('127.0.49.1', 40)
  await until('not judged', async () => (await rules()).some(({ network }) => network === '127.0.49.0/24'))
  await until('not tarpitted', async () => (await show('127.0.49.1')).ban?.measure === 'tarpit')
  assert.match(await greetingOf('127.0.49.1'), /^220 /)
})

test('the tarpit answers late, and holds so many and no more', { timeout: 60_000 }, async () => {
  expectOk(await rule('127.0.50.0/24', 'tarpit'), 'tarpit')
  const begun = performance.now()
  const held = await Promise.all([dial('127.0.50.1'), dial('127.0.50.2')])
  await until('two are not held', async () => (await figure('sessions_tarpitted')) === 2)
  assert.match(await greetingOf('127.0.50.3'), /^421 /)
  for (const dialogue of held) assert.match((await dialogue.reply()) ?? '', /^220 /)
  assert.ok(performance.now() - begun >= 990)
  for (const dialogue of held) dialogue.close()
  await until('places are not given back', async () => (await figure('sessions_tarpitted')) === 0)
  assert.match(await greetingOf('127.0.50.3'), /^220 /)
})

test('a greylisted network is put off at RCPT until it comes again', { timeout: 60_000 }, async () => {
  expectOk(await rule('127.0.51.0/24', 'greylist'), 'greylist')
  const recipient = async (): Promise<string> => {
    const dialogue = await dial('127.0.51.1')
    await dialogue.reply()
    await dialogue.command('EHLO grey.example')
    await dialogue.command('MAIL FROM:<a@grey.example>')
    const reply = await dialogue.command('RCPT TO:<alice@walled.example>')
    dialogue.close()
    return reply
  }
  assert.match(await recipient(), /^450 4\.7\.1 Not known yet: try again in 1 seconds$/)
  await sleep(1100)
  assert.match(await recipient(), /^250 /)
  assert.match(await recipient(), /^250 /, 'and is known from then on')
})

test('allow wins over every other rule; a rule of its own ends', { timeout: 60_000 }, async () => {
  expectOk(await rule('127.0.52.0/22', 'refuse', 2), 'refuse')
  assert.match(await greetingOf('127.0.53.1'), /^554 .*a test of the firewall$/)
  expectOk(await rule('127.0.53.0/24', 'allow'), 'allow')
  assert.match(await greetingOf('127.0.53.1'), /^220 /)
  assert.match(await greetingOf('127.0.52.1'), /^554 /)
  await until('it does not end', async () => (await greetingOf('127.0.52.1')).startsWith('220'))
})

test('trusted networks are never judged, whatever they do and whoever asks', { timeout: 60_000 }, async () => {
  await smuggle('127.0.46.9', 32)
  await sleep(1000)
  assert.equal((await show('127.0.46.9')).touchedMs, undefined)
  assert.match(await greetingOf('127.0.46.9'), /^220 /)
  const refused = await rule('127.0.46.0/24', 'refuse')
  assert.equal(refused.ok ? 'ok' : refused.error.kind === 'failed' && refused.error.failure, 'trusted')
  for (const network of ['0.0.0.0/0', '::/0', '192.0.2.0/33', 'x', '']) {
    const answer = await rule(network, 'refuse')
    assert.equal(answer.ok ? 'ok' : answer.error.kind === 'failed' && answer.error.failure, 'bad-request', network)
  }
})

test('what is exported can be imported, and a bad line refuses all', { timeout: 60_000 }, async () => {
  const { octets } = expectOk(await bottle.calls.call('verifier', 'reputation-export', {}, { trace: TRACE }), 'export')
  let text = ''
  for await (const chunk of octets) text += Buffer.from(chunk).toString()
  assert.match(text, /"subject":"network:127\.0\.49\.0\/24"/)
  const imported = (lines: string) =>
    bottle.calls.call('verifier', 'reputation-import', BECAUSE, { trace: TRACE, octets: of(lines) })
  const good = expectOk(await imported(text), 'import').response
  assert.equal(good.subjects, text.trim().split('\n').length)
  const bad = await imported(`${text}{"subject":"x"}\n`)
  assert.equal(bad.ok ? 'ok' : bad.error.kind === 'failed' && bad.error.failure, 'bad-line')
})

/** What the primary answers for a name of the reputation's zone. */
async function listed(name: string): Promise<string> {
  const { address, port } = bottle.configuration.listen.dns
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  resolver.setServers([`${address}:${port}`])
  const zone = `${name}.reputation.${bottle.configuration.hostname}`
  const [a, txt] = await Promise.all([resolver.resolve4(zone), resolver.resolveTxt(zone)]).catch(() => [[], []])
  return a.length === 0 ? 'not listed' : `${a.join(' ')} ${txt.flat().join('')}`
}

test('who is banned is in the DNS list, with the reason; the test entries are there (RFC 5782 §5)', async () => {
  await guessRecipients('127.0.56.1', 40)
  await until('not listed', async () => (await listed('77.56.0.127.bl')).startsWith('127.0.0.3'))
  assert.match(await listed('77.56.0.127.bl'), /^127\.0\.0\.3 score -4\d of \d\d events: unknown-recipient \d\d$/)
  assert.equal(await listed('2.0.0.127.bl'), '127.0.0.2 a test entry')
  assert.equal(await listed('1.0.0.127.bl'), 'not listed')
  assert.equal(await listed('test.dbl'), '127.0.0.2 a test entry')
  assert.equal(await listed('invalid.dbl'), 'not listed')
})

test('a signature that holds is for its domain and network; one that does not, for the network alone', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const text =
    `$ORIGIN signed.example.\n$TTL 300\n@ SOA mx.walled.example. hostmaster 1 3600 600 86400 300\n` +
    `@ NS mx.walled.example.\ns1._domainkey TXT "${formatKeyRecord(publicKey)}"\n`
  const options = { trace: TRACE }
  expectOk(
    await bottle.calls.call('dns-primary', 'add-zone', { zone: 'signed.example', text, ...BECAUSE }, options),
    'add',
  )
  expectOk(await bottle.calls.call('dns-resolver', 'reload-zones', {}, options), 'reload')
  const message = Buffer.from('From: a@signed.example\r\nSubject: hi\r\n\r\nHello\r\n')
  const { header, bodyStart } = expectOk(parseHeaderSection(message), 'read the header')
  const domain = expectOk(parseDomainName('signed.example'), 'read')
  const selector = expectOk(parseSelector('s1'), 'read')
  const key = { domain, selector, algorithm: 'ed25519-sha256', privateKey } as const
  const signing = expectOk(startSigning(header, { keys: [key], nowSeconds: Math.floor(Date.now() / 1000) }), 'sign')
  signing.update(message.subarray(bodyStart))
  const signed = Buffer.concat([...signing.finish(), message]).toString('latin1')
  const send = async (localAddress: string, octets: string): Promise<void> => {
    const dialogue = await dial(localAddress)
    await dialogue.reply()
    await dialogue.command('EHLO mail.signed.example')
    await dialogue.command('MAIL FROM:<a@signed.example>')
    await dialogue.command('RCPT TO:<alice@walled.example>')
    await dialogue.command('DATA')
    assert.match(await dialogue.command(`${octets}.`), /^250 /)
    dialogue.close()
  }
  const classes = async (subject: string): Promise<readonly string[]> =>
    (await show(subject)).contributions.map((one) => `${one.class} ${Math.round(one.count)}`)
  await send('127.0.54.1', signed)
  assert.deepEqual(await classes('signed.example'), ['pass 1'])
  assert.deepEqual(await classes('127.0.54.1'), ['pass 1'])
  assert.deepEqual(await classes('helo:mail.signed.example'), ['pass 1'])
  await send('127.0.55.1', signed.replace('Hello', 'Other'))
  assert.deepEqual(await classes('signed.example'), ['pass 1'], 'it was forged, and is not to blame')
  assert.deepEqual(await classes('127.0.55.1'), ['dkim-fail 1'])
})

/** `scop` as an administrator runs it. */
async function scop(...line: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCOP, '--home', bottle.home.directory, ...line])
  return stdout
}

test('the administrator sees and undoes all of it at the command line', { timeout: 120_000 }, async () => {
  const network = '127.0.57.0/24'
  await smuggle('127.0.57.1', 32)
  await until('no refusal', async () => (await greetingOf('127.0.57.2')).startsWith('554'))
  // At once: the ban is a short one.
  const [shown, unknown, worst, rulesJson] = await Promise.all([
    scop('reputation', 'show', '127.0.57.1'),
    scop('reputation', 'show', 'never.example'),
    scop('reputation', 'list', '--kind', 'network'),
    scop('--json', 'firewall', 'list'),
  ])
  assert.match(shown, /^network:127\.0\.57\.0\/24: refuse\nscore -6\d\.\d of 3\d\.\d events/)
  assert.match(shown, /^smuggling +3\d\.\d +-0\.7 +-6\d\.\d +line ends/m)
  assert.match(
    shown,
    /^banned \(refuse\) from .* for the first time\nbecause: score -6\d of 3\d events: smuggling 3\d$/m,
  )
  assert.match(unknown, /nothing is known; neutral/)
  assert.match(worst, /^network:127\.0\.57\.0\/24 +refuse/m)
  assert.match(rulesJson, /"network": "127\.0\.57\.0\/24"/)
  assert.match(await scop('firewall', 'undo', network), /^127\.0\.57\.0\/24 +refuse +reputation/m)
  assert.match(await greetingOf('127.0.57.1'), /^220 /)
  assert.match(await scop('reputation', 'show', '127.0.57.1'), /nothing is known/)
  assert.match(await scop('firewall', 'undo', network), /^There is no rule/)
  assert.match(await scop('firewall', 'refuse', network, '--seconds', '600', '--reason', 'by hand'), /by hand/)
  assert.match(await greetingOf('127.0.57.1'), /^554 .*by hand$/)
  await scop('firewall', 'allow', '127.0.57.1')
  assert.match(await greetingOf('127.0.57.1'), /^220 /)
  const exported = await scop('reputation', 'export')
  assert.match(exported, /^\{"subject":"helo:smuggler\.example"/m)
  assert.match(await scop('reputation', 'pardon', 'helo:smuggler.example'), /: forgotten/)
  assert.match(await scop('reputation', 'pardon', 'helo:smuggler.example'), /: nothing was known/)
  const file = path.join(bottle.home.directory, 'reputation.jsonl')
  writeFileSync(file, exported)
  assert.match(await scop('reputation', 'import', file), /^\d+ subjects/)
  assert.notEqual((await show('helo:smuggler.example')).touchedMs, undefined)
})

async function* of(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

async function figure(name: string): Promise<number> {
  const { figures } = expectOk(await bottle.calls.call('receiver', 'health', {}, { trace: TRACE }), 'health').response
  return figures[name] ?? 0
}
