import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodeFiles } from '@scop/blobs/node'
import { expectOk } from '@scop/result'
import { INBOX, type MailStore, MessageReadError } from '../src/index.ts'
import { openMailStore } from '../src/node/index.ts'
import { ALICE, conformance, deliver, NOW, readBody, tryDeliver } from './conformance.ts'

conformance('SQLite', async (t, options) => {
  const path = await mkdtemp(join(tmpdir(), 'mail-store-'))
  const opened: MailStore[] = []
  const open = async (): Promise<MailStore> => {
    const store = expectOk(await openMailStore({ path, ...options }), 'open')
    opened.push(store)
    return store
  }
  t.after(async () => {
    for (const store of opened) await store.close()
    await rm(path, { recursive: true })
  })
  return { store: await open(), reopen: open } // the first is not closed: its locks and caches must not matter
})

for (const [code, kind] of [
  ['ENOSPC', 'no-space'],
  ['EMFILE', 'too-many-open-files'],
  ['EIO', 'storage-failed'],
] as const) {
  test(`${code} while a large message is written is "${kind}"; the next one arrives`, async (t) => {
    const path = await mkdtemp(join(tmpdir(), 'mail-store-'))
    let failing = false
    const fail = (): never => {
      throw Object.assign(new Error(code), { code })
    }
    const files: typeof nodeFiles = {
      ...nodeFiles,
      open: async (file, how) => (failing && code === 'EMFILE' ? fail() : nodeFiles.open(file, how)),
      write: async (fd, octets, position) => (failing ? fail() : nodeFiles.write(fd, octets, position)),
    }
    const store = expectOk(await openMailStore({ path, files, now: () => NOW }), 'open')
    t.after(async () => {
      await store.close()
      await rm(path, { recursive: true })
    })
    const body = 'x'.repeat(300_000)
    failing = true
    const answer = await tryDeliver(store, { id: 'one', body })
    assert.equal(answer.ok ? 'ok' : answer.error.kind, kind)
    assert.deepEqual(store.size(), { messages: 0, octets: 0 })
    failing = false
    await deliver(store, { id: 'one', body })
    assert.equal(await readBody(store, 1), body)
  })
}

test('a message that is deleted while it is read is told, not half read', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'mail-store-'))
  const store = expectOk(await openMailStore({ path }), 'open')
  t.after(async () => {
    await store.close()
    await rm(path, { recursive: true })
  })
  await deliver(store, { body: 'one' })
  const { octets } = expectOk(await store.read(ALICE, INBOX, 1), 'read')
  expectOk(await store.delete(ALICE, INBOX, 1), 'delete')
  await assert.rejects(Array.fromAsync(octets), MessageReadError)
})
