import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { formatMessage, parseMessage } from '@scop/mime'
import { Command } from 'commander'
import { Failure } from '../src/failure.ts'
import { checkCommand, type CheckEntry, checkMessage, type MessageCodec } from '../src/mime-check.ts'
import { messagesOf } from '../src/mime-input.ts'
import { MBOX_LIMITS } from '../src/read-mbox.ts'
import { run } from '../src/run.ts'
import { scop, SEPARATOR, terminalWith } from './mime-terminal.ts'

const directory = await mkdtemp(path.join(tmpdir(), 'scop-mime-check-'))
after(() => rm(directory, { recursive: true, force: true }))
const at = (name: string): string => path.join(directory, name)
const MESSAGE =
  'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nX: 1\r\n--b--\r\n'
await mkdir(at('mails/deep'), { recursive: true })
await writeFile(at('mails/a.eml'), MESSAGE)
await writeFile(at('mails/deep/b'), Buffer.from('\r\n\n\0ä', 'latin1'))
await writeFile(at('mails/empty'), '')
await writeFile(at('mails/y'), `${SEPARATOR}A: b\n\n>From x\n`)
await writeFile(at('mails/z.mbox'), `${SEPARATOR}A: b\n\n>From x\n\n${SEPARATOR}C: d\n\n`)

type Answer = { files: CheckEntry[]; summary: Record<string, number> }
async function check(...line: readonly string[]): Promise<Answer & { exit: number; errors: string }> {
  const { exit, out, errors } = await scop(['mime', 'check', '--json', ...line])
  return { exit, errors, ...(JSON.parse(out) as Answer) } // as: what the tests look at
}
const shortly = (entry: CheckEntry): readonly unknown[] =>
  'skipped' in entry
    ? [path.basename(entry.file), entry.skipped]
    : [path.basename(entry.file), entry.message, entry.lossless, entry.errors.map(({ kind }) => kind).join()]

test('checks every file below a directory, and every message of an mbox', async () => {
  const { exit, errors, files, summary } = await check(at('mails'))
  assert.deepEqual([exit, errors], [0, ''])
  assert.deepEqual(files.map(shortly), [
    ['a.eml', undefined, true, ''],
    ['b', undefined, true, ''],
    ['empty', undefined, true, ''],
    ['y', undefined, true, ''],
    ['z.mbox', 1, true, ''],
    ['z.mbox', 2, true, ''],
  ])
  assert.deepEqual(
    [summary['files'], summary['messages'], summary['lossless'], summary['unread'], summary['skipped']],
    [5, 6, 6, 0, 0],
  )
  const lone = files.find(({ file }) => file.endsWith('/y'))
  assert.ok(lone !== undefined && 'octets' in lone)
  assert.equal(lone.octets, SEPARATOR.length + 'A: b\n\n>From x\n'.length)
  assert.ok(lone.ambiguities.some(({ kind }) => kind === 'from-line'))
})

test('says of a message what was found', () => {
  const checked = checkMessage('x', Buffer.from(MESSAGE))
  assert.deepEqual(
    { ...checked, milliseconds: 0 },
    {
      file: 'x',
      octets: MESSAGE.length,
      parts: 3,
      lossless: true,
      errors: [],
      defects: [],
      ambiguities: [{ kind: 'header-ends-at-delimiter', path: [1], offset: MESSAGE.indexOf('--b--') }],
      milliseconds: 0,
    },
  )
})

test('says in a table only what is not as it should be', async () => {
  const { exit, out } = await scop(['mime', 'check', at('mails/a.eml'), at('none')])
  assert.equal(exit, 1)
  assert.match(out, /^not read +.*none.*no such file/m)
  assert.match(out, /^1 of 2 messages given back octet for octet; \d+ octets in \d+ ms$/m)
  assert.match(out, /^header-ends-at-delimiter +1$/m)
  assert.doesNotMatch(out, /a\.eml/)
})

test('checks standard input, named or not', async () => {
  for (const line of [['-'], []]) {
    const { exit, out } = await scop(['mime', 'check', '--json', ...line], MESSAGE)
    assert.equal(exit, 0)
    assert.deepEqual((JSON.parse(out) as Answer).files.map(shortly), [['standard input', undefined, true, '']]) // as: what the test looks at
  }
})

/** Keeps no octet above 127, and throws at a message that says so. */
const FAULTY: MessageCodec = {
  parse: (message) => {
    if (Buffer.from(message).includes('throw')) throw new Error('broken')
    return parseMessage(message)
  },
  format: (tree, message) => formatMessage(tree, message).map((octet) => octet & 0x7f),
}
async function checkFaulty(...line: readonly string[]): Promise<{ failure: unknown; out: string }> {
  const { terminal, read } = terminalWith(undefined)
  const command = new Command().option('--json').addCommand(checkCommand(terminal, FAULTY, LIMITS))
  const failure = await command.parseAsync(['check', ...line], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  )
  return { failure, out: read().out }
}
const LIMITS = { ...MBOX_LIMITS, messageOctets: 200 }

test('fails where a message is not given back, and says where', async () => {
  const { failure, out } = await checkFaulty('--json', at('mails'))
  assert.ok(failure instanceof Failure)
  assert.deepEqual([failure.kind, failure.exit], ['not-lossless', 1])
  const { files, summary } = JSON.parse(out) as Answer // as: what the test looks at
  assert.deepEqual(files.map(shortly)[1], ['b', undefined, false, 'not-lossless'])
  assert.deepEqual([summary['lossless'], summary['notLossless']], [5, 1])
  assert.match(
    (await checkFaulty(at('mails'))).out,
    /^not given back +.*deep\/b: 5 octets read, 5 written, other from octet 4$/m,
  )
})

test('a reader that throws is an error of the message', async () => {
  await writeFile(at('throws'), 'throw: x\r\n\r\n')
  const { failure, out } = await checkFaulty('--json', at('throws'), at('mails/a.eml'))
  assert.ok(failure instanceof Failure)
  assert.equal(failure.kind, 'not-lossless')
  assert.deepEqual((JSON.parse(out) as Answer).files.map(shortly), [
    // as: what the test looks at
    ['throws', undefined, false, 'reader-failed'],
    ['a.eml', undefined, true, ''],
  ])
})

test('a message longer than the limit is an error, in an mbox of that message alone', async () => {
  await writeFile(at('large'), 'x'.repeat(201))
  await writeFile(at('large.mbox'), `${SEPARATOR}${'x'.repeat(201)}\n\n${SEPARATOR}A: b\n\n`)
  const { failure, out } = await checkFaulty('--json', at('large'), at('large.mbox'))
  assert.ok(failure instanceof Failure)
  assert.deepEqual([failure.kind, failure.exit], ['not-read', 1])
  assert.deepEqual((JSON.parse(out) as Answer).files.map(shortly), [
    // as: what the test looks at
    ['large', undefined, false, 'too-large'],
    ['large.mbox', 1, false, 'too-large'],
    ['large.mbox', 2, true, ''],
  ])
})

test('skips what is no file, follows links to files, and enters no loop', async (context) => {
  await mkdir(at('odd/inner'), { recursive: true })
  execFileSync('mkfifo', [at('odd/fifo')])
  const server = createServer().listen(at('odd/socket'))
  context.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  await symlink('..', at('odd/inner/up'))
  await symlink(at('mails/a.eml'), at('odd/link'))
  const { exit, files, summary } = await check(at('odd'), '/dev/null')
  assert.equal(exit, 0)
  assert.deepEqual(files.map(shortly), [
    ['fifo', 'fifo'],
    ['up', 'link-to-directory'],
    ['link', undefined, true, ''],
    ['socket', 'socket'],
    ['null', 'device'],
  ])
  assert.deepEqual([summary['files'], summary['skipped']], [1, 4])
  assert.match((await scop(['mime', 'check', at('odd')])).out, /^skipped +.*fifo: fifo$/m)
})

test('goes on after what cannot be read', async () => {
  await mkdir(at('bad'))
  await symlink('nowhere', at('bad/dangling'))
  await symlink('loop', at('bad/loop'))
  await writeFile(at('bad/z'), MESSAGE)
  const { exit, files, errors } = await check(at('bad'), at('gone'))
  assert.equal(exit, 1)
  assert.deepEqual(files.map(shortly), [
    ['dangling', undefined, false, 'enoent'],
    ['loop', undefined, false, 'eloop'],
    ['z', undefined, true, ''],
    ['gone', undefined, false, 'enoent'],
  ])
  assert.equal((JSON.parse(errors) as { error: { kind: string } }).error.kind, 'not-read') // as: what the test looks at
})

test('goes on after files and directories that may not be read', {
  skip: process.getuid?.() === 0 && 'root may read everything',
}, async () => {
  await mkdir(at('locked/in'), { recursive: true })
  await writeFile(at('locked/a'), MESSAGE, { mode: 0 })
  await chmod(at('locked/in'), 0)
  const { exit, files } = await check(at('locked'))
  await chmod(at('locked/in'), 0o700)
  assert.equal(exit, 1)
  assert.deepEqual(files.map(shortly), [
    ['a', undefined, false, 'eacces'],
    ['in', undefined, false, 'eacces'],
  ])
})

test('checks files whose names are no UTF-8 or no line', { skip: process.platform !== 'linux' }, async () => {
  const name = (text: string): Buffer => Buffer.concat([Buffer.from(`${at('names')}/`), Buffer.from(text, 'latin1')])
  await mkdir(at('names'))
  await mkdir(name('dir\u00e9'))
  await writeFile(name('dir\u00e9/a'), MESSAGE)
  await writeFile(name('x\u001b\ny'), MESSAGE)
  const { exit, files } = await check(at('names'))
  assert.equal(exit, 0)
  assert.deepEqual(files.map(shortly), [
    ['a', undefined, true, ''],
    ['x\u001b\ny', undefined, true, ''],
  ])
})

test('interrupted, the document is whole and says less', async () => {
  const { terminal, read } = terminalWith(undefined)
  const onInterrupt = (handler: () => void): (() => void) => {
    handler()
    return () => undefined
  }
  assert.equal(await run(['mime', 'check', '--json', at('mails')], { ...terminal, onInterrupt }), 130)
  assert.equal((JSON.parse(read().out) as Answer).files.length, 1) // as: what the test looks at
})

test('nothing to check is a failure', async () => {
  await mkdir(at('nothing'))
  const { exit, files, errors } = await check(at('nothing'))
  assert.deepEqual([exit, files], [1, []])
  assert.match(errors, /"no-messages"/)
})

test('lists at most 1000 ambiguities and defects of a message', () => {
  const many = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nX: 1\r\n'.repeat(1500)}--b--\r\n`
  const checked = checkMessage('x', Buffer.from(many))
  assert.equal(checked.ambiguities.length, 1000)
  assert.ok(checked.defects.length <= 1000)
})

const CUTS: readonly (readonly [string, readonly string[], readonly (readonly [number | undefined, string])[]])[] = [
  ['a message in pieces', ['A: ', 'b\n\n', 'c'], [[undefined, 'A: b\n\nc']]],
  ['nothing', [], [[undefined, '']]],
  ['an mbox whose separator comes in pieces', [SEPARATOR.slice(0, 3), SEPARATOR.slice(3), 'A: b\n'], [[1, 'A: b\n']]],
  ['half a separator', [SEPARATOR.slice(0, 20)], [[undefined, SEPARATOR.slice(0, 20)]]],
]
for (const [name, chunks, expected] of CUTS) {
  test(`takes ${name}`, async () => {
    const read: unknown[] = []
    async function* pieces(): AsyncGenerator<string> {
      yield* chunks
    }
    for await (const { number, message } of messagesOf(pieces()))
      read.push([number, Buffer.from(message ?? []).toString()])
    assert.deepEqual(read, expected)
  })
}
