import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { checkMessage } from '../src/mime.ts'
import { run } from '../src/run.ts'

const directory = await mkdtemp(path.join(tmpdir(), 'scop-mime-'))
after(() => rm(directory, { recursive: true }))
const MESSAGE =
  'Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nX: 1\r\n--b--\r\n'
await mkdir(path.join(directory, 'mails/deep'), { recursive: true })
const file = path.join(directory, 'mails/a.eml')
await writeFile(file, MESSAGE)
await writeFile(path.join(directory, 'mails/deep/b'), Buffer.from('\r\n\n\0ä', 'latin1'))

async function scop(line: readonly string[], input = ''): Promise<{ exit: number; out: string; errors: string }> {
  const stdin = new PassThrough()
  stdin.end(input)
  const [output, errors] = [new PassThrough(), new PassThrough()]
  const terminal = { input: stdin, output, errors, environment: {}, onInterrupt: () => () => undefined }
  const exit = await run(line, terminal)
  return { exit, out: String(output.read() ?? ''), errors: String(errors.read() ?? '') }
}

test('shows the parts of a message with their places', async () => {
  const { exit, out } = await scop(['mime', 'tree', file])
  assert.equal(exit, 0)
  assert.match(out, /^0 +text\/plain +\d+ +\d+ +3$/m)
  assert.match(out, /^1 +text\/plain .*header-ends-at-delimiter@/m)
})

test('shows a part octet for octet, from standard input too', async () => {
  assert.equal((await scop(['mime', 'show', file])).out, MESSAGE)
  assert.equal((await scop(['mime', 'show', '-', '0', '--body'], MESSAGE)).out, 'one')
  const { out } = await scop(['--json', 'mime', 'show', file, '0'])
  assert.equal(Buffer.from((JSON.parse(out) as { base64: string }).base64, 'base64').toString(), '\r\none') // as: what the test looks at
})

test('refuses a part that is not there, and a place that is none', async () => {
  const absent = await scop(['mime', 'show', file, '7'])
  assert.equal(absent.exit, 1)
  assert.match(absent.errors, /no part 7/)
  assert.equal((await scop(['mime', 'show', file, '1.x'])).exit, 2)
  assert.equal((await scop(['mime', 'tree', path.join(directory, 'none')])).exit, 1)
})

test('checks every file below a directory', async () => {
  const { exit, out } = await scop(['mime', 'check', path.join(directory, 'mails'), '--json'])
  assert.equal(exit, 0)
  // as: what the test looks at
  const answer = JSON.parse(out) as {
    summary: object
    files: { file: string; lossless: boolean; ambiguities: object[] }[]
  }
  assert.deepEqual(
    answer.files.map((checked) => [path.basename(checked.file), checked.lossless, checked.ambiguities.length]),
    [
      ['a.eml', true, 1],
      ['b', true, 2],
    ],
  )
  assert.match(
    (await scop(['mime', 'check', file])).out,
    /^1 of 1 files given back octet for octet; \d+ octets in \d+ ms$/m,
  )
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
      defects: [],
      ambiguities: [{ kind: 'header-ends-at-delimiter', path: [1], offset: MESSAGE.indexOf('--b--') }],
      milliseconds: 0,
    },
  )
})
