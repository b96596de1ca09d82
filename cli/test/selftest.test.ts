// The whole self-test as a process: two throwaway bottles, every service, no part replaced.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { SelfTestReport } from '../src/selftest-run.ts'

const SCOP = fileURLToPath(new URL('../bin/scop.mjs', import.meta.url))

test('scop selftest --json: every step holds, and nothing is left behind', { timeout: 180_000 }, async (t) => {
  const temporary = await mkdtemp(path.join(tmpdir(), 'scop-selftest-test-'))
  t.after(() => rm(temporary, { recursive: true, force: true }))
  const child = spawn(process.execPath, [SCOP, 'selftest', '--json', '--home', path.join(temporary, 'none')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  })
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  const report = JSON.parse(out) as SelfTestReport // as: what the command documents, looked at below
  const failed = report.steps.filter(({ passed }) => !passed)
  assert.deepEqual(failed, [], errors)
  assert.equal(report.passed, true)
  assert.equal(child.exitCode, 0, errors)
  const ids = new Set(report.steps.map(({ id }) => id))
  for (const id of EXPECTED) assert.ok(ids.has(id), `the step "${id}" ran`)
  assert.deepEqual(await readdir(temporary), [])
})

const EXPECTED = [
  'keys-one',
  'keys-two',
  ...['first', 'second', 'third'].flatMap((journey) =>
    ['submission', 'signer', 'relay', 'receiver', 'verifier', 'mailbox', 'stored', 'verified'].map(
      (hop) => `${journey}-${hop}`,
    ),
  ),
  'pipes-one',
  'pipes-two',
  'refuses-wrong-password',
  'refuses-plain-text-auth',
  'refuses-foreign-from',
  'refuses-unknown-recipient',
  'refuses-too-large',
  'clean-up',
]
