// scop start as a newcomer meets it: a first time, beside itself, Ctrl-C, a second time, and the operator meanwhile.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const SCOP = fileURLToPath(new URL('../bin/scop.mjs', import.meta.url))
const directory = await mkdtemp(path.join(tmpdir(), 'scop-start-'))
const home = path.join(directory, 'data')
const started: ChildProcess[] = []
after(async () => {
  for (const child of started) child.kill('SIGKILL')
  await rm(directory, { recursive: true, force: true })
})

type Ran = { readonly code: number; readonly out: string; readonly errors: string }

async function scop(line: readonly string[], input: string | Uint8Array = ''): Promise<Ran> {
  const child = spawn(process.execPath, [SCOP, '--home', home, ...line], { stdio: 'pipe' })
  child.stdin.end(input)
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: child.exitCode ?? -1, out, errors }
}

/** `scop start`, until it says that the bottle is up. */
async function start(): Promise<{ readonly child: ChildProcess; readonly said: () => string }> {
  const child = spawn(process.execPath, [SCOP, '--home', home, 'start', '--skip-selftest'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('The bottle is up.')) resolve()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', (code) => reject(new Error(`scop start ended with ${code}:\n${said}`)))
  })
  return { child, said: () => said }
}

async function interrupt(child: ChildProcess): Promise<number | null> {
  child.kill('SIGINT')
  if (child.exitCode === null) await once(child, 'exit')
  return child.exitCode
}

test('scop start, twice, with everything between', { timeout: 290_000 }, async (t) => {
  const first = await start()
  const password = /Password {2}(\S+)/.exec(first.said())?.[1] ?? ''
  assert.match(password, /^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
  assert.equal((await stat(path.join(home, 'accounts.txt'))).mode & 0o777, 0o600)

  await t.test('status shows every service running', async () => {
    const { code, out, errors } = await scop(['status', '--json'])
    assert.equal(code, 0, errors)
    const status = JSON.parse(out) as { services: { service: string; state: string; pid: number }[] } // as: asserted
    assert.equal(status.services.length, 9)
    for (const { service, state, pid } of status.services) assert.ok(state === 'running' && pid > 1, service)
  })

  await t.test('a second start says that it runs already', async () => {
    const { code, errors } = await scop(['start'])
    assert.equal(code, 1)
    assert.match(errors, /is running already/)
  })

  await t.test('mail is sent, listed, shown octet for octet, exported', async () => {
    const message = 'From: <alice@one.example>\r\nTo: <alice@one.example>\r\nSubject: to myself\r\n\r\n.dot\r\n'
    const file = path.join(directory, 'message.eml')
    await writeFile(file, message)
    const sent = await scop(['mail', 'send', file, '--user', 'alice@one.example', '--json'])
    assert.equal(sent.code, 0, sent.errors)
    let listed = await scop(['mail', 'list', 'alice@one.example', '--json'])
    for (let tries = 0; tries < 20 && !listed.out.includes('to myself'); tries++)
      listed = await scop(['mail', 'list', 'alice@one.example', '--json'])
    assert.match(listed.out, /"subject": "to myself"/)
    const raw = await scop(['mail', 'show', 'alice@one.example', '1', '--raw'])
    assert.ok(raw.out.endsWith(message.slice(message.indexOf('Subject'))), raw.out)
    const exported = await scop(['mail', 'export', 'alice@one.example', '--output', path.join(directory, 'eml')])
    assert.equal(exported.code, 0, exported.errors)
    assert.equal(await readFile(path.join(directory, 'eml', '00000001.eml'), 'latin1'), raw.out)
  })

  await t.test('a wrong password is refused with what the server said', async () => {
    const line = [
      'mail',
      'send',
      path.join(directory, 'message.eml'),
      '--user',
      'alice@one.example',
      '--password-stdin',
    ]
    const { code, errors } = await scop(line, 'wrong\n')
    assert.equal(code, 1)
    assert.match(errors, /535/)
  })

  await t.test('accounts, aliases, domains and their history', async () => {
    const steps: readonly (readonly string[])[] = [
      ['user', 'add', 'bob@one.example', '--generate'],
      ['alias', 'add', 'info@one.example', 'bob@one.example', 'alice@one.example'],
      ['domain', 'add', 'shop.example'],
      ['user', 'passwd', 'bob@one.example', '--generate'],
      ['alias', 'remove', 'info@one.example'],
      ['user', 'remove', 'bob@one.example', '--mail'],
      ['domain', 'remove', 'shop.example'],
      ['domain', 'add', 'shop.example'],
    ]
    for (const line of steps) {
      const { code, errors } = await scop([...line, '--reason', 'a test of the command line'])
      assert.equal(code, 0, `${line.join(' ')}: ${errors}`)
    }
    assert.match((await scop(['domain', 'list'])).out, /^shop\.example +\d+ +\d+$/m)
    const zone = (await scop(['dns', 'zone', 'show', 'shop.example'])).out
    assert.equal(zone.match(/\._domainkey\t/g)?.length, 2, 'the keys are in the new zone')
    const history = await scop(['history'])
    assert.ok(history.out.split('a test of the command line').length > steps.length, history.out)
    const wrong = await scop(['user', 'remove', 'nobody@one.example', '--json'])
    assert.equal(wrong.code, 1)
    assert.match(wrong.errors, /^\{"error":\{"kind":/)
  })

  await t.test('queue, keys, restart', async () => {
    assert.match((await scop(['queue', 'list'])).out, /queue is empty/)
    assert.match((await scop(['dkim', 'keys', '--records'])).out, /_domainkey\.one\.example.* IN TXT "v=DKIM1/)
    const restarted = await scop(['restart', 'verifier'])
    assert.equal(restarted.code, 0, restarted.errors)
  })

  await t.test('zones and their keys', async () => {
    const zone = async (...line: string[]): Promise<string> => {
      const { code, out, errors } = await scop(['dns', ...line])
      assert.equal(code, 0, `${line.join(' ')}: ${errors}`)
      return out
    }
    const file = path.join(directory, 'names.zone')
    const text = '$TTL 60\n@ SOA ns root 7 7200 900 1209600 60\n@ NS ns\nns A 127.0.0.1\n'
    await writeFile(file, `${text}www A 1.2.3\n`)
    const bad = await scop(['dns', 'zone', 'import', 'names.example', file])
    assert.equal(bad.code, 1)
    assert.match(bad.errors, /names\.zone:5:7: not-an-address "1\.2\.3"/)
    await writeFile(file, text)
    assert.match(
      await zone('zone', 'import', 'names.example', file),
      /^names\.example\. \d+ IN DS \d+ 13 2 [0-9a-f]{64}$/m,
    )
    assert.equal((await scop(['dns', 'zone', 'import', 'names.example', file])).code, 1)
    assert.match(await zone('zone', 'list'), /^names\.example +8 +\d+ +primary +nsec +\d+$/m)

    await writeFile(file, `${text}www A 127.0.0.2\n`)
    const unasked = await scop(['dns', 'zone', 'edit', 'names.example', file])
    assert.equal(unasked.code, 2)
    assert.match(unasked.out, /^\+www\.names\.example\. 60 IN A 127\.0\.0\.2$/m)
    assert.match(unasked.errors, /--yes/)
    assert.doesNotMatch(await zone('zone', 'show', 'names.example'), /www/)
    assert.match(await zone('zone', 'edit', 'names.example', file, '--yes'), /has serial 9: 1 records less, 2 more/)
    const exported = path.join(directory, 'exported.zone')
    await zone('zone', 'export', 'names.example', '--output', exported)
    assert.match(await readFile(exported, 'utf8'), /^www\t60\tIN\tA\t127\.0\.0\.2\n\t60\tIN\tRRSIG\tA 13 3 60 /m)
    const damaged = (await readFile(exported, 'utf8')).replace('www\t60\tIN\tA\t127.0.0.2', 'www\t60\tIN\tA\t127.0.0.3')
    const found = await scop(['dns', 'zone', 'verify', 'names.example', '--file', '-'], damaged)
    assert.equal(found.code, 1)
    assert.match(found.out, /^www\.names\.example\. A: signature-refused \(signature-wrong\)$/m)
    assert.doesNotMatch(await zone('zone', 'export', 'names.example', '--own'), /RRSIG/)

    assert.match(
      await zone('key', 'list', 'names.example'),
      /^names\.example +\d+ +13 +csk +in use +rumoured +rumoured +rumoured +hidden +\d{4}-.* known everywhere$/m,
    )
    const [, tag = ''] = /DS (\d+) 13 4 /.exec(await zone('key', 'ds', 'names.example', '--digest', '4')) ?? []
    const early = await scop(['dns', 'key', 'ds', 'names.example', '--published', tag, '--json'])
    assert.match(early.errors, /"kind":"not-expected"/)
    const rolled = await scop(['dns', 'key', 'rollover', 'names.example', '--json'])
    assert.match(rolled.errors, /"kind":"under-way"/)
    assert.match(
      await zone('zone', 'verify', 'names.example'),
      /serial 9: all \d+ signatures and the denials are right; the first ends 20/,
    )
    const history = await zone('zone', 'history', 'names.example')
    const commit =
      /^([0-9a-f]{12}) .* 8: scop dns zone import names\.example$/m.exec(history)?.[1] ?? assert.fail(history)
    assert.match(
      await zone('zone', 'restore', 'names.example', commit, '--yes'),
      /^-www\.names\.example\. .*\n[^]*has serial 10:/m,
    )
    assert.doesNotMatch(await zone('zone', 'show', 'names.example'), /www/)
    assert.match(await zone('zone', 'remove', 'names.example'), /no longer served/)
    assert.equal((await scop(['dns', 'zone', 'show', 'names.example'])).code, 1)
  })

  await t.test('the self-test holds beside it, and holds again', async () => {
    for (const time of ['once', 'twice']) {
      const { code, out, errors } = await scop(['selftest', '--json'])
      assert.equal(code, 0, `${time}: ${errors}`)
      assert.match(out, /the bottle that runs here/)
    }
  })

  assert.equal(await interrupt(first.child), 0, first.said())
  assert.equal((await scop(['status'])).code, 3)

  const second = await start()
  assert.ok(second.said().includes(password), 'the second start shows the password again')
  assert.match((await scop(['mail', 'list', 'alice@one.example'])).out, /to myself/)
  assert.match((await scop(['mail', 'list', 'nobody@one.example'])).out, /no account nobody@one\.example/)
  assert.equal((await scop(['user', 'passwd', 'alice@one.example', '--generate'])).code, 0)
  await assert.rejects(stat(path.join(home, 'accounts.txt')), 'a password that holds no longer is not shown again')
  assert.equal((await scop(['stop'])).code, 0)
  if (second.child.exitCode === null) await once(second.child, 'exit')
  assert.equal(second.child.exitCode, 0, second.said())
})
