import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFigures } from '@scop/bottle'
import type { Calls, Log } from '@scop/bottle/node'
import { err, ok } from '@scop/result'
import { type Observation, startObserver } from '../src/observer.ts'

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} }
const SEEN: Observation = { class: 'smuggling', client: '192.0.2.1', helo: 'x' }

function observer(answers: () => boolean) {
  const batches: number[] = []
  const figures = createFigures()
  const calls: Calls = {
    call: async (_callee, _operation, request) => {
      if (!answers()) return err({ kind: 'unreachable', reason: 'not there' })
      // as: the observer calls nothing but `observe`
      const { events } = request as unknown as { events: readonly Observation[] }
      batches.push(events.length)
      return ok({ response: { counted: events.length } as never, octets: (async function* () {})() }) // as: see above
    },
    facts: () => [],
    close: async () => undefined,
  }
  return { batches, figures, observed: startObserver({ calls, log: SILENT, figures, trace: () => '0', pauseMs: 5 }) }
}

test('what was noted is told in batches, at the end the rest', async () => {
  const { batches, observed } = observer(() => true)
  for (let i = 0; i < 600; i++) observed.note(SEEN)
  await observed.close()
  assert.deepEqual(batches, [256, 256, 88])
})

test('while nobody answers it is kept, so many and no more, and the rest is counted as lost', async () => {
  let there = false
  const { batches, figures, observed } = observer(() => there)
  for (let i = 0; i < 5000; i++) observed.note(SEEN)
  assert.equal(figures.snapshot()['observations_lost_total'], 904)
  there = true
  await observed.close()
  assert.equal(
    batches.reduce((sum, count) => sum + count, 0),
    4096,
  )
})
