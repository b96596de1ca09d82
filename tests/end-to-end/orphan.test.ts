// A bottle belongs to whoever started it: when that process is killed, the bottle drains and ends by itself.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const HARNESS = fileURLToPath(new URL('../harness/bottle.ts', import.meta.url))

test('kill -9 of the starter ends the bottle', async () => {
  const program = `
    const { startTestBottle } = await import(${JSON.stringify(HARNESS)})
    const bottle = await startTestBottle({ domain: 'orphan.example', name: 'alice' })
    console.log('UP ' + bottle.running.pid + ' ' + bottle.home.directory)
    await new Promise(() => setInterval(() => {}, 1000))`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [supervisor, home] = await new Promise<[number, string]>((resolve, reject) => {
    let said = ''
    starter.stdout.on('data', (chunk) => {
      said += String(chunk)
      const up = /^UP ([0-9]+) (.+)$/m.exec(said)
      if (up !== null) resolve([Number(up[1]), up[2] ?? ''])
    })
    starter.once('exit', () => reject(new Error(`the starter ended: ${said}`)))
  })
  assert.ok(existsSync(`/proc/${supervisor}`))
  starter.removeAllListeners('exit')
  starter.kill('SIGKILL')
  for (let tries = 0; tries < 300 && existsSync(`/proc/${supervisor}`); tries++) await sleep(50)
  assert.ok(!existsSync(`/proc/${supervisor}`), 'the supervisor goes on')
  rmSync(home, { recursive: true, force: true })
})
