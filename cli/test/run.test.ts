import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import type { Command } from 'commander'
import { describeSystemError } from '../src/failure.ts'
import { program, run } from '../src/run.ts'
import type { Terminal } from '../src/terminal.ts'

type Ran = { readonly exit: number; readonly out: string; readonly errors: string }

/** Runs one command line without a process. */
async function scop(line: readonly string[], input = ''): Promise<Ran> {
  const terminal = testTerminal(input)
  const exit = await run(line, terminal)
  return { exit, out: read(terminal.output), errors: read(terminal.errors) }
}

function testTerminal(input: string): Terminal & { output: PassThrough; errors: PassThrough } {
  const stdin = new PassThrough()
  stdin.end(input)
  return {
    input: stdin,
    output: new PassThrough(),
    errors: new PassThrough(),
    environment: {},
    onInterrupt: () => () => undefined,
  }
}
const read = (stream: unknown): string => {
  let text = ''
  if (!(stream instanceof PassThrough)) return text
  for (let chunk: unknown = stream.read(); Buffer.isBuffer(chunk); chunk = stream.read()) text += chunk.toString()
  return text
}

type ToldError = { readonly kind: string; readonly message: string; readonly next?: string }

/** The one JSON document on standard error. */
const errorOf = (text: string): ToldError => (JSON.parse(text) as { error: ToldError }).error // as: this shape is what the tests look at

const directory = await mkdtemp(path.join(tmpdir(), 'scop-cli-'))
after(() => rm(directory, { recursive: true }))
const home = path.join(directory, 'home')
const INIT = ['--home', home, 'init', '--hostname', 'mx.try.example', '--address', '127.0.0.1', '--ports', 'high']

test('every command has help with examples', () => {
  const look = (command: Command, names: readonly string[]): void => {
    let text = ''
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp()
    const name = names.join(' ')
    assert.match(text, /^Usage: /, name)
    assert.match(text, /\nExamples:\n {2}\$ /, name)
    if (names.length > 1) assert.match(text, /--json/, `${name} names the global options`)
    assert.notEqual(command.description(), '', name)
    for (const inner of command.commands) look(inner, [...names, inner.name()])
  }
  look(program(testTerminal('')), ['scop'])
})

test('what the system refuses is said with what was tried', () => {
  const said = "EROFS: read-only file system, open '/srv/mail/bottle.yaml'"
  assert.equal(describeSystemError(said), "Cannot open '/srv/mail/bottle.yaml': read-only file system (EROFS)")
  assert.equal(describeSystemError('connect ECONNREFUSED 127.0.0.1:25'), 'connect ECONNREFUSED 127.0.0.1:25')
})

test('scop --help lists the exit codes', async () => {
  const { exit, out } = await scop(['--help'])
  assert.equal(exit, 0)
  for (const code of [0, 1, 2, 3, 4, 130]) assert.match(out, new RegExp(`^ {2}${code} `, 'm'))
})

test('the README names every command and every exit code', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  for (const command of program(testTerminal('')).commands)
    assert.ok(readme.includes(`\`${command.name()}`), command.name())
  for (const code of [0, 1, 2, 3, 4, 130]) assert.match(readme, new RegExp(`^\\| ${code} \\|`, 'm'))
})

const USAGE: readonly (readonly [string, readonly string[]])[] = [
  ['an unknown command', ['fly']],
  ['an unknown option', ['status', '--fly']],
  ['a missing argument', ['user', 'add']],
  ['an argument too many', ['status', 'now']],
  ['a bad address', ['user', 'add', 'no-at-sign', '--generate']],
  ['a bad domain', ['domain', 'add', 'no_domain!']],
  ['a bad number', ['mail', 'show', 'a@b.example', 'first']],
  ['a bad choice', ['mail', 'export', 'a@b.example', '--format', 'pdf']],
  ['an unknown service', ['restart', 'kitchen']],
  ['logs of an unknown service', ['logs', '--service', 'kitchen']],
  ['init without a hostname', ['init', '--address', '127.0.0.1']],
  ['init with a bad address', ['init', '--hostname', 'mx.try.example', '--address', '999.1.1.1']],
  ['init with a bad forward', ['init', '--hostname', 'a.example', '--address', '::1', '--forward', '"]: x']],
  ['init with a bad zone', ['init', '--hostname', 'a.example', '--address', '::1', '--zone', 'b.example']],
]
for (const [name, line] of USAGE) {
  test(`refuses ${name} with exit code 2`, async () => {
    const { exit, out, errors } = await scop(['--home', path.join(directory, 'none'), ...line])
    assert.equal(exit, 2, errors)
    assert.equal(out, '')
    assert.notEqual(errors, '')
  })
  test(`refuses ${name} as JSON`, async () => {
    const { exit, out, errors } = await scop(['--json', '--home', path.join(directory, 'none'), ...line])
    assert.equal(exit, 2)
    assert.equal(out, '')
    const error = errorOf(errors)
    assert.ok(error.kind.length > 0 && error.message.length > 0)
  })
}

test('without a home: exit code 4, and what to do', async () => {
  const { exit, errors } = await scop(['--home', path.join(directory, 'none'), 'status'])
  assert.equal(exit, 4)
  assert.match(errors, /There is no bottle in .*none\n→ scop init/)
})

test('init makes a home once, and says so the second time', async () => {
  const made = await scop([...INIT, '--json'])
  assert.equal(made.exit, 0, made.errors)
  assert.partialDeepStrictEqual(JSON.parse(made.out), { configuration: path.join(home, 'bottle.yaml') })
  assert.equal((await stat(home)).mode & 0o777, 0o700)
  const again = await scop(INIT)
  assert.equal(again.exit, 4)
  assert.match(again.errors, /There is a bottle already/)
})

const NEED_A_BOTTLE: readonly (readonly string[])[] = [
  ['status'],
  ['stop'],
  ['restart', 'relay'],
  ['user', 'list'],
  ['user', 'add', 'a@try.example', '--generate'],
  ['alias', 'add', 'x@try.example', 'a@try.example'],
  ['domain', 'add', 'try.example'],
  ['domain', 'list'],
  ['dkim', 'keys'],
  ['mail', 'list', 'a@try.example'],
  ['mail', 'show', 'a@try.example', '1'],
  ['mail', 'export', 'a@try.example'],
  ['queue', 'list'],
  ['queue', 'retry'],
  ['history'],
  ['restore', 'abcdef'],
]
for (const line of NEED_A_BOTTLE) {
  test(`${line.join(' ')}: exit code 3 while the bottle is not running`, async () => {
    const people = await scop(['--home', home, ...line])
    assert.equal(people.exit, 3, people.errors)
    assert.match(people.errors, /is not running\n→ scop up\n$/)
    const machine = await scop(['--home', home, ...line, '--json'])
    assert.equal(machine.exit, 3)
    assert.deepEqual(JSON.parse(machine.errors), {
      error: { kind: 'not-running', message: `The bottle in ${home} is not running`, next: 'scop up' },
    })
  })
}

test('up says which port is taken', async () => {
  const text = await readFile(path.join(home, 'bottle.yaml'), 'utf8')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  await writeFile(path.join(home, 'bottle.yaml'), text.replace(/smtp: 127.0.0.1:\d+/, `smtp: 127.0.0.1:${port}`))
  const { exit, errors } = await scop(['--home', home, 'up'])
  await new Promise((resolve) => server.close(resolve))
  await writeFile(path.join(home, 'bottle.yaml'), text)
  assert.equal(exit, 1)
  assert.match(errors, new RegExp(`Cannot listen for smtp at 127.0.0.1:${port}: the port is taken`))
})

test('mistakes in bottle.yaml are told with line and column: exit code 4', async () => {
  const file = path.join(home, 'bottle.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, `${text}\nbotle: x\n`)
  const { exit, errors } = await scop(['--home', home, 'up'])
  await writeFile(file, text)
  assert.equal(exit, 4)
  assert.match(errors, /^bottle\.yaml:\d+:1: unknown key "botle"$/m)
})

test('logs are read without a running bottle, and are one document', async () => {
  await writeFile(
    path.join(home, 'log', 'scop.jsonl'),
    '{"service":"relay","level":"warn","msg":"x","helo":"\\u001b[2J"}\n',
  )
  const people = await scop(['--home', home, 'logs'])
  assert.equal(people.exit, 0)
  assert.equal(people.out, '- relay warn x helo=\\u001b[2J\n')
  const machine = await scop(['--home', home, 'logs', '--json', '--level', 'error'])
  assert.deepEqual(JSON.parse(machine.out), { entries: [] })
})

test('send refuses what SMTP may not carry before it asks for a password', async () => {
  const line = ['--home', home, 'mail', 'send', '--user', 'a@try.example', '--json']
  const { exit, errors } = await scop(line, 'To: b@try.example\n\nbare line feeds\n')
  assert.equal(exit, 1)
  const error = errorOf(errors)
  assert.equal(error.kind, 'not-transportable')
  assert.match(error.message, /LF alone/)
  assert.equal(error.next, 'add --crlf')
})

test('send does not send a Bcc field to everybody', async () => {
  const line = ['--home', home, 'mail', 'send', '--user', 'a@try.example']
  const { exit, errors } = await scop(line, 'To: b@try.example\r\nBcc: c@try.example\r\n\r\nx\r\n')
  assert.equal(exit, 1)
  assert.match(errors, /Bcc/)
})

test('a password that cannot be asked for is said, not waited for', async () => {
  const line = ['--home', home, 'mail', 'send', '--user', 'a@try.example']
  const { exit, errors } = await scop(line, 'To: b@try.example\r\n\r\nx\r\n')
  assert.equal(exit, 2)
  assert.match(errors, /not a terminal/)
})
