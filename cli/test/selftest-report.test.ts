import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Contradiction, Course, StepFailed, type View } from '../src/selftest-report.ts'

const SILENT: View = { begin: () => undefined, say: () => undefined, end: () => undefined }
const course = (): Course => new Course(SILENT, new AbortController().signal)

test('a step that holds is kept with its evidence', async () => {
  const run = course()
  const value = await run.need('a', 'A', async () => ({ value: 7, summary: 'seen', evidence: [1], milliseconds: 5 }))
  assert.equal(value, 7)
  assert.deepEqual(run.steps, [{ id: 'a', title: 'A', passed: true, milliseconds: 5, summary: 'seen', evidence: [1] }])
  assert.equal(run.passed, true)
})

test('a needed step that fails ends the course, and says why', async () => {
  const run = course()
  const failing = run.need('a', 'A', async () => Promise.reject(new Contradiction('otherwise', { saw: 1 })))
  await assert.rejects(failing, StepFailed)
  assert.equal(run.passed, false)
  assert.partialDeepStrictEqual(run.steps, [{ passed: false, summary: 'otherwise', evidence: { saw: 1 } }])
})

test('a check that fails lets the course go on, and the course has failed', async () => {
  const run = course()
  await run.check('a', 'A', async () => Promise.reject(new Error('broken')))
  await run.check('b', 'B', async () => ({ summary: 'fine' }))
  assert.deepEqual(
    run.steps.map(({ passed }) => passed),
    [false, true],
  )
  assert.equal(run.passed, false)
})

test('an interrupted course begins no further step', async () => {
  const stop = new AbortController()
  const run = new Course(SILENT, stop.signal)
  stop.abort()
  await assert.rejects(run.check('a', 'A', async () => ({ summary: 'never' })))
  assert.deepEqual(run.steps, [])
})
