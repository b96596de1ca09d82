// Durable deliveries per second, at several numbers of concurrent deliverers.

import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expectOk } from '@scop/result'
import { INBOX } from '../src/index.ts'
import { openMailStore } from '../src/node/index.ts'

const path = await mkdtemp(join(process.argv[2] ?? '.', 'mail-store-bench-'))
const store = expectOk(await openMailStore({ path }), 'open')
const traceFields = Buffer.from(
  `Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000\r\n${'X-Test: x\r\n'.repeat(40)}`,
)
let made = 0
for (const octets of [4096, 100_000, 1_000_000]) {
  for (const deliverers of [1, 4, 16, 64]) {
    const count = octets > 500_000 ? 60 : 1000
    const before = process.cpuUsage()
    const start = performance.now()
    let left = count
    const deliverer = async (): Promise<void> => {
      while (left-- > 0) {
        const deliveryId = `delivery ${made++}`
        const answer = await store.deliver([Buffer.alloc(octets, `message ${made} `)], () => ({
          deliveryId,
          recipients: [{ account: `user${made % 10}@one.example`, mailbox: INBOX }],
          receivedAtMs: Date.now(),
          traceFields,
          description: { sender: 'a@b.example', trace: '0123456789abcdef', from: 'A', subject: 'Hello' },
        }))
        expectOk(answer, 'deliver')
      }
    }
    await Promise.all(Array.from({ length: deliverers }, deliverer))
    const ms = performance.now() - start
    const cpu = process.cpuUsage(before)
    const each = Math.round((cpu.user + cpu.system) / count)
    console.log(`${octets} octets, ${deliverers} deliverers: ${Math.round((count / ms) * 1000)}/s, ${each} µs CPU each`)
  }
}
await store.close()
await rm(path, { recursive: true })
