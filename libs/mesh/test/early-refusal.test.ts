// A call that is refused while its body is still on its way: nothing of it stays open, on either side.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PipeRefusal } from '../src/node/index.ts'
import { connect, pieces, serve, until } from './bottle-fixture.ts'

const CALL = { request: { a: 1 }, trace: '0123456789abcdef', timeoutMs: 3000 } as const

for (const [what, more] of [
  ['whose source goes on', true],
  ['whose source says no more', false],
] as const) {
  test(`a large body that is refused unread, ${what}, leaves no stream open on either side`, async (t) => {
    const { server } = await serve(t, {
      handle: {
        deliver: async () => {
          await new Promise((resolve) => setTimeout(resolve, 20)) // the window fills, and the stream pauses
          throw new PipeRefusal('no-space', 'full')
        },
      },
    })
    const pipe = connect(t, server)
    async function* source(): AsyncGenerator<Uint8Array> {
      yield* pieces(40, 50_000)
      if (!more) await new Promise(() => undefined)
    }
    for (let i = 0; i < 200; i += 20) {
      const answers = Array.from({ length: 20 }, () => pipe.call('deliver', { ...CALL, octets: source() }))
      for (const answer of await Promise.all(answers)) assert.ok(!answer.ok && answer.error.kind === 'failed')
    } // more of them than a connection has streams
    await until(() => server.openCalls === 0)
    await pipe.close()
  })
}
