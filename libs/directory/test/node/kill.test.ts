import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { git, hasGit, open, temporaryFolder } from './fixtures.ts'

const CHANGER = fileURLToPath(new URL('changer.ts', import.meta.url))

async function runChanger(
  path: string,
  run: number,
  ...options: readonly string[]
): Promise<{ printed: string; kill: () => void; ended: Promise<unknown> }> {
  const child = spawn(process.execPath, [...options, CHANGER, path, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const state = { printed: '', kill: () => void child.kill('SIGKILL'), ended: once(child, 'close') }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    state.printed += text
  })
  await once(child.stdout, 'data')
  return state
}

test('killed at any moment: the repository is readable and every change that was answered is there', async (t) => {
  const path = temporaryFolder(t)
  const promised: string[] = []
  for (let run = 0; run < 6; run++) {
    const changer = await runChanger(path, run)
    await new Promise((resolve) => setTimeout(resolve, 20 + 45 * run))
    changer.kill()
    await changer.ended
    promised.push(...changer.printed.split('\n').filter((line) => line.endsWith('@one.example')))
    const directory = await open(path, { limits: { staleLockMs: 0 } })
    const there = new Set((await directory.aliases()).map(({ alias }): string => alias))
    assert.deepEqual(
      promised.filter((alias) => !there.has(alias)),
      [],
    )
    if (hasGit) assert.equal(await git('-C', path, 'fsck', '--strict', '--full', '--no-dangling'), '')
  }
  assert.ok(promised.length >= 6)
  t.diagnostic(`${promised.length} changes answered before 6 kills, none lost`)
})
