import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { concatOctets, decodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { INBOX, type MailStore } from '../src/index.ts'
import { openMailStore } from '../src/node/index.ts'

test('kill -9 at any moment: what was answered is there whole and once, for both recipients or neither', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'mail-store-'))
  t.after(() => rm(path, { recursive: true }))
  const answered = new Set<string>()
  for (let round = 0; round < 4; round++) {
    for (const id of await deliverAndKill(path, round, 20 + 60 * round)) answered.add(id)
  }
  const store = expectOk(await openMailStore({ path }), 'open')
  const [alice, bob] = [await idsOf(store, 'alice@one.example'), await idsOf(store, 'bob@one.example')]
  assert.deepEqual(alice, bob)
  assert.equal(new Set(alice).size, alice.length)
  const missing = [...answered].filter((id) => !alice.includes(id))
  assert.deepEqual(missing, [])
  for (const account of ['alice@one.example', 'bob@one.example']) {
    assert.deepEqual(await store.removeAccount(account), { ok: true, value: alice.length })
  }
  await store.close()
  await (await openAgain(path)).close() // sweeps what the last removals had not reached
  const left = await readdir(join(path, 'blobs'), { recursive: true })
  assert.deepEqual(
    left.filter((name) => name.length > 60),
    [],
  )
})

async function openAgain(path: string): Promise<MailStore> {
  return expectOk(await openMailStore({ path }), 'open again')
}

/** The ids that were answered before the process was killed, `afterMs` after its first answer. */
async function deliverAndKill(path: string, round: number, afterMs: number): Promise<string[]> {
  const script = fileURLToPath(import.meta.resolve('./deliver-forever.ts'))
  const child = spawn(process.execPath, [script, path, `${round}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => (printed += text))
  await once(child.stdout, 'data')
  setTimeout(() => child.kill('SIGKILL'), afterMs)
  await once(child, 'close')
  return printed.split('\n').slice(0, -1)
}

async function idsOf(store: MailStore, account: string): Promise<string[]> {
  const ids: string[] = []
  let beforeUid = Number.MAX_SAFE_INTEGER
  for (;;) {
    const page = expectOk(await store.list(account, INBOX, { limit: 100, beforeUid }), 'list')
    for (const { uid } of page) {
      const { octets } = expectOk(await store.read(account, INBOX, uid), 'read')
      const body = decodeLatin1(concatOctets(await Array.fromAsync(octets)))
      const id = body.slice(0, body.indexOf(' '))
      assert.equal(body, decodeLatin1(Buffer.alloc(body.length, `${id} `)))
      ids.push(id)
      beforeUid = uid
    }
    if (page.length === 0) return ids
  }
}
