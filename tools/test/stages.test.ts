import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { runNodeTests, type TestReport } from '../test-run/node-tests.ts'
import { runProcess } from '../test-run/run-process.ts'
import { runStages, type Stage } from '../test-run/stage.ts'

function stage(name: string, ...outcomes: Awaited<ReturnType<Stage['run']>>['outcomes']): Stage {
  return { name, run: () => Promise.resolve({ outcomes, notes: [{ file: 'f.ts', text: `note of ${name}` }] }) }
}

async function shown(
  stages: readonly Stage[],
  isTTY = false,
): Promise<{ readonly passed: boolean; readonly text: string }> {
  let text = ''
  const passed = await runStages(stages, { isTTY, write: (more) => void (text += more) })
  return { passed, text }
}

test('counts all stages in the last line and lists what was skipped and why', async () => {
  const { passed, text } = await shown([
    stage(
      'one',
      { name: 'a', result: 'passed' },
      { name: 'b', file: 'x.ts', result: 'skipped', detail: 'vectors absent' },
    ),
    stage('two', { name: 'c', result: 'passed' }),
  ])
  assert.equal(passed, true)
  assert.match(text, /✓ one .* 1 passed, 1 skipped\n {4}f\.ts: note of one\n/)
  assert.match(text, /Skipped:\n {2}- x\.ts: b: vectors absent\n/)
  assert.equal(text.trimEnd().split('\n').at(-1), '2 passed, 0 failed, 1 skipped')
})

test('goes on after a failure, shows its reason, and fails', async () => {
  const { passed, text } = await shown([
    stage('one', { name: 'a', result: 'failed', detail: 'because\nof this' }),
    { name: 'two', run: () => Promise.reject(new Error('fell over')) },
    stage('three', { name: 'c', result: 'passed' }),
  ])
  assert.equal(passed, false)
  assert.match(text, / {4}✗ a\n {6}because\n {6}of this\n/)
  assert.match(text, /fell over/)
  assert.equal(text.trimEnd().split('\n').at(-1), '1 passed, 2 failed, 0 skipped')
})

test('a run that tested nothing has not passed', async () => {
  assert.equal((await shown([stage('empty')])).passed, false)
})

test('shows a live line at a terminal only', async () => {
  assert.match((await shown([stage('one', { name: 'a', result: 'passed' })], true)).text, /… one/)
  assert.doesNotMatch((await shown([stage('one', { name: 'a', result: 'passed' })])).text, /\x1b/)
})

function runText(t: TestContext, text: string, isolation: 'none' | 'process'): Promise<TestReport> {
  const root = mkdtempSync(path.join(tmpdir(), 'scop-stage-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  writeFileSync(path.join(root, 'x.test.mjs'), `import { test } from 'node:test'\n${text}`)
  return runNodeTests({
    root,
    name: 'these',
    files: ['x.test.mjs'],
    isolation,
    concurrency: 1,
    limitSeconds: 60,
    onProgress: () => undefined,
  })
}

const MIXED = `
test('good', (t) => { console.log('{"kind":"outcome"}'); t.diagnostic('5 of 5') })
test('absent', (t) => t.skip('vectors absent'))
test('bad', () => { throw new Error('too bad') })
`

for (const isolation of ['none', 'process'] as const) {
  test(`reads what tests came to, isolation ${isolation}`, async (t) => {
    const { outcomes, notes } = await runText(t, MIXED, isolation)
    assert.deepEqual(
      outcomes.map(({ name, result }) => `${name} ${result}`),
      ['good passed', 'absent skipped', 'bad failed'],
    )
    assert.equal(outcomes[1]?.detail, 'vectors absent')
    assert.match(outcomes[2]?.detail ?? '', /too bad/)
    assert.deepEqual(notes, [{ file: 'x.test.mjs', text: '5 of 5' }])
  })

  test(`a file that breaks off is a failure, isolation ${isolation}`, async (t) => {
    const { outcomes } = await runText(t, "test('good', () => {})\nimport './nowhere.mjs'\n", isolation)
    assert.ok(outcomes.some(({ result }) => result === 'failed'))
  })
}

test('stops a program at its time limit', async () => {
  const ended = await runProcess(process.execPath, ['-e', 'console.log("begun"); setInterval(() => {}, 1000)'], {
    directory: tmpdir(),
    limitSeconds: 1,
  })
  assert.deepEqual([ended.timedOut, ended.signal, ended.said], [true, 'SIGTERM', 'begun\n'])
})
