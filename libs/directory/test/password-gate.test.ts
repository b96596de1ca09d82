import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPasswordGate } from '../src/index.ts'

test('two at once, three wait, the sixth is refused; each runs in turn', async () => {
  const gate = createPasswordGate(2, 3)
  const finish: (() => void)[] = []
  let running = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running)
    await new Promise<void>((resolve) => finish.push(resolve))
    running--
  }
  const all = Array.from({ length: 6 }, () => gate.run(work))
  assert.equal(gate.load, 5)
  const refused = await all[5]
  assert.deepEqual(refused, { ok: false, error: { kind: 'busy' } })
  for (let done = 0; done < 5; done++) {
    while (finish.length === 0) await Promise.resolve()
    finish.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.deepEqual(
    (await Promise.all(all)).map(({ ok }) => ok),
    [true, true, true, true, true, false],
  )
  assert.equal(most, 2)
  assert.equal(gate.load, 0)
})

test('work that throws leaves its place', async () => {
  const gate = createPasswordGate(1, 1)
  await assert.rejects(gate.run(() => Promise.reject(new Error('no'))))
  assert.equal(gate.load, 0)
  assert.deepEqual(await gate.run(async () => 1), { ok: true, value: 1 })
})
