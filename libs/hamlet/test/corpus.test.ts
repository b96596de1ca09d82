import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { GENERATOR_VERSION } from '@scop/hamlet'
import {
  CheckTally,
  CorpusError,
  type CorpusParameters,
  damagedTexts,
  encodeTarFile,
  generateCorpus,
  mailsOfArchive,
  readCorpus,
  readTar,
  runTasks,
  TAR_END,
  TAR_LIMITS,
} from '@scop/hamlet/node'

const folder = await mkdtemp(path.join(tmpdir(), 'scop-hamlet-'))
after(() => rm(folder, { recursive: true, force: true }))
const key = generateKeyPairSync('ed25519').privateKey
const parameters: CorpusParameters = {
  generator: GENERATOR_VERSION,
  profile: 'grammar',
  seed: 3,
  count: 45,
  shardSize: 10,
}
const never = new AbortController().signal
const quiet = (): void => undefined

async function made(
  name: string,
  options: { jobs?: number; signal?: AbortSignal; onMails?: (mails: number) => void } = {},
): Promise<string> {
  const directory = path.join(folder, name)
  await generateCorpus({ directory, parameters, key, jobs: 1, signal: never, onMails: quiet, ...options })
  return directory
}

async function contents(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  const pairs = files.sort().map(async (file) => [path.relative(directory, file), (await readFile(file)).toBase64()])
  return Object.fromEntries(await Promise.all(pairs)) as Record<string, string>
}

async function faultsOf(directory: string): Promise<Record<string, number>> {
  const { manifest } = await readCorpus(directory)
  const tally = new CheckTally()
  for (const mail of await damagedTexts(directory, manifest)) tally.note({ mail, kind: 'damaged', detail: '' })
  const tasks = manifest.shards.map(({ name, sha256, count }) => {
    const check = {
      from: 'archive',
      file: path.join(directory, name),
      corpus: { sha256, count },
      limit: undefined,
    } as const
    return { kind: 'check', check } as const
  })
  const add = (result: Parameters<Parameters<typeof runTasks>[1]>[0]): void => {
    if (result.kind === 'checked') tally.merge(result.summary)
  }
  await runTasks(tasks, add, { jobs: 1, signal: never, onMails: quiet })
  return Object.fromEntries(tally.summary().faults)
}

/** Turns over one bit of `file`. */
async function flip(file: string, at: number): Promise<void> {
  const octets = await readFile(file)
  octets[at] = (octets[at] ?? 0) ^ 1
  await writeFile(file, octets)
}

test('one thread and two make the same octets', async () => {
  assert.deepEqual(await contents(await made('one')), await contents(await made('two', { jobs: 2 })))
})

test('a run that was interrupted and goes on gives what one run gives', async () => {
  const stop = new AbortController()
  let mails = 0
  const onMails = (more: number): void => {
    mails += more
    if (mails >= 20) stop.abort()
  }
  await assert.rejects(made('interrupted', { signal: stop.signal, onMails }), { name: 'AbortError' })
  const directory = path.join(folder, 'interrupted')
  const left = await readdir(path.join(directory, 'shards'))
  assert.ok(left.length > 0 && left.length < 5, `some shards are there: ${left.join(' ')}`)
  assert.ok(
    left.every((name) => name.endsWith('.tar.zst')),
    'and nothing half',
  )
  const [first = ''] = left
  await truncate(path.join(directory, 'shards', first), 100)
  await writeFile(path.join(directory, 'shards', 'hamlet-00004.tar.zst.partial'), 'half')
  await made('interrupted')
  assert.deepEqual(await contents(directory), await contents(await made('whole')))
})

test('refuses other parameters, and a directory that holds something else', async () => {
  const directory = await made('taken')
  const other = { ...parameters, seed: 4 }
  const options = { directory, parameters: other, key, jobs: 1, signal: never, onMails: quiet }
  await assert.rejects(generateCorpus(options), { kind: 'other-parameters' })
  await writeFile(path.join(folder, 'notes.txt'), 'mine')
  await assert.rejects(generateCorpus({ ...options, directory: folder }), { kind: 'not-empty' })
})

test('a corpus as it was made has the digests of its manifest', async () => {
  const faults = await faultsOf(await made('sound'))
  assert.equal(faults['damaged'], undefined)
})

test('one bit in a shard is found', async () => {
  const directory = await made('flipped')
  await flip(path.join(directory, 'shards/hamlet-00002.tar.zst'), 1000)
  assert.equal((await faultsOf(directory))['damaged'], 1)
})

test('one bit in a text is found', async () => {
  const directory = await made('flipped-text')
  await flip(path.join(directory, 'LICENSE'), 10)
  assert.deepEqual(await damagedTexts(directory, (await readCorpus(directory)).manifest), ['LICENSE'])
})

for (const [what, file] of [
  ['signature', 'MANIFEST.json.sig'],
  ['manifest', 'MANIFEST.json'],
] as const) {
  test(`one bit in the ${what} is found`, async () => {
    const directory = await made(`flipped-${what}`)
    await flip(path.join(directory, file), 20)
    await assert.rejects(readCorpus(directory), { kind: 'bad-signature' })
  })
}

test("refuses another's signature", async () => {
  const directory = await made('signed')
  const another = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
  await assert.rejects(readCorpus(directory, another), CorpusError)
})

test('OpenSSL verifies the signature', { skip: skipWithout('openssl', 'version') }, async () => {
  const directory = await made('openssl')
  const words =
    'pkeyutl -verify -pubin -inkey PUBLIC-KEY.pem -rawin -in MANIFEST.json -sigfile MANIFEST.json.sig'.split(' ')
  const { stdout } = await promisify(execFile)('openssl', words, { cwd: directory })
  assert.match(stdout, /Verified Successfully/)
  await flip(path.join(directory, 'MANIFEST.json'), 20)
  await assert.rejects(promisify(execFile)('openssl', words, { cwd: directory }))
})

const noPython = skipWithout('python3', '--version') || skipWithout('zstd', '--version')
test('the reader in the README runs', { skip: noPython }, async () => {
  const directory = await made('python')
  const readme = await readFile(path.join(directory, 'README.md'), 'utf8')
  const program = /```python\n(.*?)```/s.exec(readme)?.[1] ?? ''
  assert.ok(program.split('\n').length <= 25, 'it is short')
  await writeFile(path.join(folder, 'reader.py'), program)
  const command = `zstd -dc shards/hamlet-00000.tar.zst | python3 "${path.join(folder, 'reader.py')}"`
  const said = execFileSync('sh', ['-c', command], { cwd: directory, encoding: 'utf8' })
  assert.match(said, /^10 messages; /)
})

test('other programs read the archives', { skip: skipWithout('tar', '--version') || noPython }, async () => {
  const directory = await made('tar')
  const said = execFileSync('sh', ['-c', 'zstd -dc shards/hamlet-00004.tar.zst | tar -tvf -'], {
    cwd: directory,
    encoding: 'utf8',
  })
  assert.equal(said.trim().split('\n').length, 10)
  assert.match(said, /000044\.json\n$/)
})

test('each message has what it means beside it', async () => {
  const directory = await made('pairs')
  const names: string[] = []
  for await (const { name, expected } of mailsOfArchive(path.join(directory, 'shards/hamlet-00001.tar.zst'))) {
    assert.ok(expected?.startsWith('{"body":'))
    names.push(name)
  }
  assert.deepEqual(
    names,
    Array.from({ length: 10 }, (_, place) => `0000${10 + place}.eml`),
  )
})

test('an archive in any pieces is read as it was written', async () => {
  const files = [
    { name: 'a.eml', octets: new Uint8Array([1, 2, 3]) },
    { name: 'empty', octets: new Uint8Array() },
    { name: 'block', octets: new Uint8Array(512).fill(7) },
  ]
  const archive = Buffer.concat([...files.map(encodeTarFile), TAR_END])
  for (const size of [1, 7, 512, 4096]) {
    assert.deepEqual(await Array.fromAsync(readTar(pieces(archive, size))), files)
  }
})

const damagedArchive = encodeTarFile({ name: 'a', octets: new Uint8Array(3) })
damagedArchive[0] = 0x62
const hugeArchive = encodeTarFile({ name: 'a', octets: new Uint8Array() })
new TextEncoder().encodeInto((TAR_LIMITS.fileOctets + 1).toString(8).padStart(11, '0'), hugeArchive.subarray(124))
const sum = hugeArchive.reduce((total, octet, at) => total + (at >= 148 && at < 156 ? 0x20 : octet), 0)
new TextEncoder().encodeInto(sum.toString(8).padStart(6, '0'), hugeArchive.subarray(148))
for (const [what, archive, message] of [
  ['nothing', new Uint8Array(), /cut short/],
  ['half a header', encodeTarFile({ name: 'a', octets: new Uint8Array() }).subarray(0, 300), /cut short/],
  ['half a file', encodeTarFile({ name: 'a', octets: new Uint8Array(600) }).subarray(0, 700), /cut short/],
  ['no end', encodeTarFile({ name: 'a', octets: new Uint8Array() }), /cut short/],
  ['a changed name', damagedArchive, /damaged/],
  ['a file beyond the limit', hugeArchive, /67108865 octets/],
] as const) {
  test(`refuses an archive with ${what}`, async () => {
    await assert.rejects(Array.fromAsync(readTar(pieces(archive, 512))), message)
  })
}

for (const name of ['', 'a b', 'é', 'x'.repeat(101)]) {
  test(`does not write "${name.slice(0, 10)}" into an archive`, () => {
    assert.throws(() => encodeTarFile({ name, octets: new Uint8Array() }))
  })
}

async function* pieces(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
}

function skipWithout(program: string, version: string): string | false {
  try {
    execFileSync(program, [version], { stdio: 'ignore' })
    return false
  } catch {
    return `${program} is not installed`
  }
}
