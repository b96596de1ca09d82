import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { open, temporaryFolder } from './fixtures.ts'

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
const CHANGER = fileURLToPath(new URL('changer.ts', import.meta.url))

test("works under Node's permission model with its own folder alone to write to", async (t) => {
  const path = temporaryFolder(t)
  const permissions = ['--permission', `--allow-fs-read=${ROOT}`, `--allow-fs-read=${path}`, `--allow-fs-write=${path}`]
  const { stdout } = await promisify(execFile)(process.execPath, [...permissions, CHANGER, path, '0', '3'])
  assert.equal(stdout, 'run0.0@one.example\nrun0.1@one.example\nrun0.2@one.example\n')
  assert.equal((await (await open(path)).aliases()).length, 3)
})
