// What one call costs: calls per second and CPU per call on each side, two processes, a Unix socket.
// Run: node libs/mesh/bench/call.bench.ts [seconds]

import { fork } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createAuthority } from '../src/node/authority.ts'
import { connectPipe, type Identity, servePipe } from '../src/node/index.ts'

const SIZES = [0, 4 * 1024, 100 * 1024]
const AT_ONCE = 32

if (process.argv[2] === 'callee') await callee()
else await caller(Number(process.argv[2] ?? 3))

async function callee(): Promise<void> {
  const [boot] = (await once(process, 'message')) as [{ identity: Identity; path: string }] // as: `caller` says it
  let used = process.cpuUsage()
  await servePipe({
    bottle: 'bench',
    identity: () => boot.identity,
    listen: { path: boot.path },
    accepts: [{ role: 'relay', operations: ['deliver', 'cpu'] }],
    handle: {
      deliver: async ({ octets, tail }) => {
        let count = 0
        for await (const piece of octets) count += piece.length
        await tail()
        return { response: { count } }
      },
      cpu: async () => {
        const { user, system } = process.cpuUsage(used)
        used = process.cpuUsage()
        return { response: user + system }
      },
    },
  })
  process.send?.('up')
}

async function caller(seconds: number): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mesh-bench-'))
  const authority = await createAuthority('bench', { nowMs: Date.now() })
  const identity = async (role: string): Promise<Identity> => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const der = publicKey.export({ type: 'spki', format: 'der' })
    return {
      keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      certificatePem: await authority.issue(role, der, { nowMs: Date.now(), lifetimeSeconds: 3600 }),
      authorityPem: authority.certificatePem,
    }
  }
  const relay = await identity('relay')
  const to = { path: path.join(directory, 'pipe.sock') }
  const child = fork(import.meta.filename, ['callee'])
  child.send({ identity: await identity('mailbox'), path: to.path })
  await once(child, 'message')
  const pipe = connectPipe({ bottle: 'bench', identity: () => relay, role: 'mailbox', to })
  const calleeMicros = async (): Promise<number> => {
    const answer = await pipe.call('cpu', { request: null, trace: 'bench' })
    if (!answer.ok) throw new Error(answer.error.reason)
    return Number(answer.value.response)
  }
  console.log('octets   at once   calls/s   caller µs CPU/call   callee µs CPU/call')
  for (const size of SIZES) {
    for (const atOnce of [1, AT_ONCE]) {
      const body = new Uint8Array(size)
      const callUntil = async (end: number): Promise<number> => {
        let calls = 0
        while (performance.now() < end) {
          const answer = await pipe.call('deliver', {
            request: { sender: 'alice@one.example', recipients: ['bob@two.example'] },
            trace: '0123456789abcdef',
            ...(size > 0 && { octets: once64(body) }),
          })
          if (!answer.ok) throw new Error(`${answer.error.kind}: ${answer.error.reason}`)
          calls++
        }
        return calls
      }
      const all = (ms: number): Promise<number[]> => {
        const end = performance.now() + ms
        return Promise.all(Array.from({ length: atOnce }, () => callUntil(end)))
      }
      await all(300) // compiled, connected
      await calleeMicros()
      const used = process.cpuUsage()
      const from = performance.now()
      const calls = (await all(seconds * 1000)).reduce((sum, count) => sum + count, 0)
      const elapsed = (performance.now() - from) / 1000
      const { user, system } = process.cpuUsage(used)
      const theirs = await calleeMicros()
      const cell = (value: number, width: number): string => value.toFixed(0).padStart(width)
      console.log(
        cell(size, 6) +
          cell(atOnce, 10) +
          cell(calls / elapsed, 10) +
          cell((user + system) / calls, 21) +
          cell(theirs / calls, 21),
      )
    }
  }
  await pipe.close()
  child.kill()
  await rm(directory, { recursive: true })
}

/** As a file or a socket would give it: in pieces of 64 KiB. */
async function* once64(body: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += 65_536) yield body.subarray(at, at + 65_536)
}
