// Run by crash.test.ts: delivers until it is killed, and prints each id when its delivery is durable.
// Every id is tried twice, as a relay does whose answer was lost.

import { writeSync } from 'node:fs'
import { expectOk } from '@scop/result'
import { INBOX } from '../src/index.ts'
import { openMailStore } from '../src/node/index.ts'

const [path = '', round = ''] = process.argv.slice(2)
const store = expectOk(await openMailStore({ path }), 'open')
const description = { sender: '', trace: '', from: '', subject: '' }
const recipients = [
  { account: 'alice@one.example', mailbox: INBOX },
  { account: 'bob@one.example', mailbox: INBOX },
]
let next = 0
const deliverer = async (): Promise<void> => {
  for (;;) {
    const n = next++
    const deliveryId = `${round}.${n}`
    const body = Buffer.alloc(n % 5 === 0 ? 200_000 : 2000, `${deliveryId} `)
    for (let attempt = 0; attempt < 2; attempt++) {
      const delivery = { deliveryId, recipients, receivedAtMs: 0, traceFields: new Uint8Array(0), description }
      expectOk(await store.deliver([body], () => delivery), 'deliver')
      if (attempt === 0) writeSync(1, `${deliveryId}\n`)
    }
  }
}
await Promise.all(Array.from({ length: 8 }, deliverer))
