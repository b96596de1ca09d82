import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { concatOctets, encodeAscii, equalOctets } from '@scop/octets'
import { expectOk } from '@scop/result'
import fc from 'fast-check'
import { type BlobId, BlobReadError, type Blobs, blobIdOf, type BlobLimits } from '../src/index.ts'
import { openBlobs } from '../src/node/index.ts'
import { faultyFiles } from './faulty-files.ts'

const SMALL: Partial<BlobLimits> = { memoryOctets: 100, blobOctets: 1000 }

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'blobs-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

async function* pieces(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
}

async function whole(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return concatOctets(await Array.fromAsync(stream))
}

async function names(blobs: Blobs): Promise<BlobId[]> {
  return Array.fromAsync(blobs.ids())
}

const octetsOf = (length: number, seed = 7): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * seed) % 251)

for (const length of [0, 1, 99, 100, 101, 1000]) {
  test(`keeps ${length} octets under their name, at any split`, async (t) => {
    const path = await directory(t)
    const blobs = expectOk(await openBlobs({ path, limits: SMALL }), 'open')
    const octets = octetsOf(length)
    for (const size of [1, 7, 100, 1000]) {
      const written = expectOk(await blobs.write(pieces(octets, size)), 'write')
      assert.equal(written.id, blobIdOf(octets))
      assert.equal(written.octets, length)
      written.release()
    }
    assert.ok(equalOctets(await whole(blobs.read(blobIdOf(octets))), octets))
    assert.deepEqual(await names(blobs), [blobIdOf(octets)])
    assert.deepEqual(await readdir(join(path, 'spool')), [])
  })
}

test('what is written is read, for any octets and limits', async (t) => {
  const path = await directory(t)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 })), fc.nat(200), async (chunks, memoryOctets) => {
      const blobs = expectOk(await openBlobs({ path, limits: { memoryOctets } }), 'open')
      const written = expectOk(await blobs.write(chunks), 'write')
      written.release()
      assert.deepEqual(await whole(blobs.read(written.id)), concatOctets(chunks))
    }),
    { numRuns: 25 },
  )
})

for (const length of [1001, 5000]) {
  test(`refuses ${length} octets where the limit is 1000, and leaves nothing`, async (t) => {
    const path = await directory(t)
    const blobs = expectOk(await openBlobs({ path, limits: SMALL }), 'open')
    const refused = await blobs.write(pieces(octetsOf(length), 64))
    assert.deepEqual(refused, { ok: false, error: { kind: 'too-large', limitOctets: 1000 } })
    assert.deepEqual(await names(blobs), [])
    assert.deepEqual(await readdir(join(path, 'spool')), [])
  })
}

for (const [code, kind] of [
  ['ENOSPC', 'no-space'],
  ['EDQUOT', 'no-space'],
  ['EMFILE', 'too-many-open-files'],
  ['ENFILE', 'too-many-open-files'],
  ['EIO', 'file-system'],
] as const) {
  for (const length of [50, 500]) {
    for (const fault of [
      { call: 'open' },
      { call: 'open', after: 1 },
      { call: 'write' },
      { call: 'write', after: 3 },
    ] as const) {
      test(`${code} at ${fault.call} ${'after' in fault ? fault.after : 0} of ${length} octets is "${kind}" and leaves nothing`, async (t) => {
        const path = await directory(t)
        const disk = faultyFiles()
        const blobs = expectOk(await openBlobs({ path, limits: SMALL, files: disk.files }), 'open')
        disk.fail({ ...fault, code })
        const answer = await blobs.write(pieces(octetsOf(length), 64))
        disk.fail(undefined)
        assert.equal(disk.open(), 0)
        assert.deepEqual(await readdir(join(path, 'spool')), [])
        if (!answer.ok) {
          assert.equal(answer.error.kind, kind)
          assert.deepEqual(await names(blobs), [])
        }
        expectOk(await blobs.write(pieces(octetsOf(length), 64)), 'write when the disk is well again').release()
      })
    }
  }
}

test('a write that fails does not take an older blob of the same octets with it', async (t) => {
  const disk = faultyFiles()
  const blobs = expectOk(await openBlobs({ path: await directory(t), files: disk.files }), 'open')
  const octets = octetsOf(50)
  expectOk(await blobs.write([octets]), 'write').release()
  disk.fail({ call: 'write', code: 'ENOSPC' })
  assert.equal((await blobs.write([octets])).ok, false)
  assert.ok(equalOctets(await whole(blobs.read(blobIdOf(octets))), octets))
})

test('rejects with what the source rejects with, and leaves nothing', async (t) => {
  const path = await directory(t)
  const blobs = expectOk(await openBlobs({ path, limits: SMALL }), 'open')
  for (const before of [50, 500]) {
    await assert.rejects(
      blobs.write(
        (async function* () {
          yield octetsOf(before)
          throw new Error('the peer went away')
        })(),
      ),
      /the peer went away/,
    )
  }
  assert.deepEqual(await names(blobs), [])
  assert.deepEqual(await readdir(join(path, 'spool')), [])
})

test('a file that a crash cut short is told as damaged, and repaired by the next write', async (t) => {
  const path = await directory(t)
  const blobs = expectOk(await openBlobs({ path }), 'open')
  const octets = octetsOf(300)
  const { id, release } = expectOk(await blobs.write([octets]), 'write')
  release()
  for (const spoil of [() => truncate(file(path, id), 100), () => writeFile(file(path, id), octetsOf(400, 3))]) {
    await spoil()
    await assert.rejects(whole(blobs.read(id)), reason({ kind: 'damaged', id }))
    expectOk(await blobs.write([octets]), 'write again').release()
    assert.ok(equalOctets(await whole(blobs.read(id)), octets))
  }
})

test('opening sweeps what a crash left in the spool', async (t) => {
  const path = await directory(t)
  expectOk(await openBlobs({ path }), 'open')
  await writeFile(join(path, 'spool', '17'), 'left')
  expectOk(await openBlobs({ path }), 'open again')
  assert.deepEqual(await readdir(join(path, 'spool')), [])
})

test('removes what is released, not what is held', async (t) => {
  const blobs = expectOk(await openBlobs({ path: await directory(t) }), 'open')
  const { id, release } = expectOk(await blobs.write([encodeAscii('once')]), 'write')
  const again = expectOk(await blobs.write([encodeAscii('once')]), 'write again')
  release()
  release()
  assert.deepEqual(await blobs.remove(id), { ok: true, value: 'held' })
  again.release()
  assert.equal(await blobs.has(id), true)
  assert.deepEqual(await blobs.remove(id), { ok: true, value: 'removed' })
  assert.equal(await blobs.has(id), false)
  assert.deepEqual(await blobs.remove(id), { ok: true, value: 'absent' })
  await assert.rejects(whole(blobs.read(id)), reason({ kind: 'absent', id }))
})

test('writers and removers of the same octets at once leave a whole blob or none', async (t) => {
  const blobs = expectOk(await openBlobs({ path: await directory(t) }), 'open')
  const octets = octetsOf(5000)
  const id = blobIdOf(octets)
  const writes = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const written = expectOk(await blobs.write([octets]), 'write')
      await blobs.remove(id)
      return written
    }),
  )
  assert.ok(equalOctets(await whole(blobs.read(id)), octets))
  for (const written of writes) written.release()
  assert.deepEqual(await blobs.remove(id), { ok: true, value: 'removed' })
})

test('a process that may open few files answers too-many-open-files and goes on', () => {
  const child = spawnSync('sh', [
    '-c',
    `ulimit -n 40; exec "$0" "$1"`,
    process.execPath,
    fileURLToPath(import.meta.resolve('./few-files.ts')),
  ])
  assert.equal(child.status, 0, child.stderr.toString())
  const { refused, kept } = JSON.parse(child.stdout.toString()) as { refused: string[]; kept: number } // as: few-files.ts prints this
  assert.ok(refused.length > 0 && refused.every((kind) => kind === 'too-many-open-files'), refused.join())
  assert.equal(kept, 20)
})

const file = (path: string, id: BlobId): string => join(path, id.slice(0, 2), id)
const reason = (expected: object) => (error: unknown) => {
  assert.ok(error instanceof BlobReadError)
  assert.deepEqual(error.reason, expected)
  return true
}
