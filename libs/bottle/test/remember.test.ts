import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remember } from '../src/node/remember.ts'

const TRACE = '0000000000000000'

function fixture(answers: Record<string, boolean | undefined>) {
  const clock = { ms: 0 }
  const asked: string[] = []
  const remembered = remember<boolean>({
    ask: async (question) => {
      asked.push(question)
      if (question === 'broken') throw new Error('no pipe')
      return answers[question]
    },
    keep: (answer) => answer,
    forMs: 1000,
    entries: 2,
    now: () => clock.ms,
  })
  return { clock, asked, remembered }
}

test('keeps what may be kept, for its time and no longer', async () => {
  const { clock, asked, remembered } = fixture({ yes: true })
  assert.equal(await remembered.ask('yes', TRACE), true)
  clock.ms = 999
  assert.equal(await remembered.ask('yes', TRACE), true)
  assert.equal(asked.length, 1)
  clock.ms = 1000
  assert.equal(await remembered.ask('yes', TRACE), true)
  assert.equal(asked.length, 2)
})

test('keeps no refusal, no silence, no failure', async () => {
  const { asked, remembered } = fixture({ no: false })
  for (const question of ['no', 'silent']) {
    const first = await remembered.ask(question, TRACE)
    assert.equal(await remembered.ask(question, TRACE), first)
  }
  await assert.rejects(remembered.ask('broken', TRACE))
  await assert.rejects(remembered.ask('broken', TRACE))
  assert.deepEqual(asked, ['no', 'no', 'silent', 'silent', 'broken', 'broken'])
})

test('shares a question that is under way', async () => {
  const { asked, remembered } = fixture({ yes: true })
  assert.deepEqual(await Promise.all([remembered.ask('yes', TRACE), remembered.ask('yes', TRACE)]), [true, true])
  assert.equal(asked.length, 1)
})

test('holds no more than its entries, and nothing after forget', async () => {
  const { asked, remembered } = fixture({ a: true, b: true, c: true })
  for (const question of ['a', 'b', 'c', 'c', 'a']) await remembered.ask(question, TRACE)
  assert.deepEqual(asked, ['a', 'b', 'c', 'a'])
  remembered.forget()
  await remembered.ask('a', TRACE)
  assert.equal(asked.length, 5)
})
