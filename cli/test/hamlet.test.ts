import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { run } from '../src/run.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'scop-cli-hamlet-'))
after(() => rm(folder, { recursive: true, force: true }))

/** Runs one command line; `interrupt` is called as Ctrl-C would be, once. */
async function scop(words: string, interrupt = false): Promise<{ code: number; out: string; errors: string }> {
  const [output, errors] = [new PassThrough(), new PassThrough()]
  const said = { out: '', errors: '' }
  output.on('data', (chunk: Buffer) => (said.out += chunk.toString('utf8')))
  errors.on('data', (chunk: Buffer) => (said.errors += chunk.toString('utf8')))
  const code = await run(words.split(' '), {
    input: new PassThrough(),
    output,
    errors,
    environment: { SCOP_HOME: path.join(folder, 'home') },
    onInterrupt: (handler) => {
      if (interrupt) setImmediate(handler)
      return () => undefined
    },
  })
  return { code, ...said }
}

test('generates a corpus, under --json one document and no progress', async () => {
  const { code, out, errors } = await scop(
    `--json hamlet generate --count 30 --seed 5 --shard-size 10 --out ${folder}/corpus`,
  )
  assert.equal(code, 0, errors)
  assert.equal(errors, '')
  const report: unknown = JSON.parse(out)
  assert.partialDeepStrictEqual(report, { mails: 30, shards: 3, kept: 0 })
})

test('the same command again finds it whole', async () => {
  const { code, out } = await scop(`--json hamlet generate --count 30 --seed 5 --shard-size 10 --out ${folder}/corpus`)
  assert.equal(code, 0)
  assert.partialDeepStrictEqual(JSON.parse(out), { mails: 30, kept: 3 })
})

test('the key is made once, for its owner alone', async () => {
  const key = await readFile(path.join(folder, 'home/hamlet-key.pem'), 'utf8')
  assert.match(key, /PRIVATE KEY/)
})

test('Ctrl-C ends it with 130, and the same command goes on', async () => {
  const words = `hamlet generate --count 30 --seed 5 --shard-size 10 --jobs 1 --out ${folder}/interrupted`
  const { code, errors } = await scop(words, true)
  assert.equal(code, 130)
  assert.match(errors, /goes on/)
  assert.equal((await scop(words)).code, 0)
  const [one, two] = await Promise.all(
    ['corpus', 'interrupted'].map((name) => readFile(path.join(folder, name, 'MANIFEST.json'))),
  )
  assert.deepEqual(one, two)
})

for (const [words, exit, message] of [
  ['hamlet generate --count 0 --out x', 2, /--count/],
  ['hamlet generate --count 1e3 --out x', 2, /--count/],
  ['hamlet generate --count 5', 2, /--out/],
  ['hamlet generate --count 5 --seed -1 --out x', 2, /--seed/],
  ['hamlet generate --count 5 --profile other --out x', 2, /--profile/],
  ['hamlet generate --count 5 --out CORPUS', 1, /another corpus/],
  ['hamlet generate --count 5 --out FOLDER', 1, /holds other files/],
  ['hamlet check', 2, /Give a path/],
  ['hamlet check --count 5 --jobs 0', 2, /--jobs/],
  ['hamlet verify CORPUS', 2, /--parser/],
  ['hamlet verify CORPUS --parser other', 2, /--parser/],
] as const) {
  test(`refuses ${words}`, async () => {
    const { code, errors } = await scop(words.replace('CORPUS', `${folder}/corpus`).replace('FOLDER', folder))
    assert.equal(code, exit, errors)
    assert.match(errors, message)
  })
}

test('check says that a shard is damaged, and fails', async () => {
  await scop(`hamlet generate --count 10 --out ${folder}/damaged`)
  const shard = path.join(folder, 'damaged/shards/hamlet-00000.tar.zst')
  const octets = await readFile(shard)
  octets[500] = (octets[500] ?? 0) ^ 1
  await writeFile(shard, octets)
  const { code, out } = await scop(`--json hamlet check ${folder}/damaged`)
  assert.equal(code, 1)
  assert.partialDeepStrictEqual(JSON.parse(out), { mails: 0, faults: { damaged: 1 } })
})

test('check takes any message', async () => {
  const mails = path.join(folder, 'mail.eml')
  await writeFile(mails, 'Subject: hi\r\n\r\nHello\r\n')
  const { code, out } = await scop(`--json hamlet check ${mails}`)
  assert.equal(code, 0)
  assert.partialDeepStrictEqual(JSON.parse(out), { mails: 1, faults: {} })
})

test('verify compares another reader, and says how often it differs', async () => {
  const mails = path.join(folder, 'mail.eml')
  const { code, out } = await scop(`--json hamlet verify ${mails} --parser ours`)
  assert.equal(code, 0)
  assert.partialDeepStrictEqual(JSON.parse(out), { mails: 1, same: 1, unexpected: [] })
})
