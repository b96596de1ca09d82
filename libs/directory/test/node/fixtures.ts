// Directories in temporary folders, and stock Git to look at them.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { expectOk } from '@scop/result'
import { type Directory, type DirectoryOptions, openDirectory } from '../../src/node/index.ts'
import { CHEAP } from '../fixtures.ts'

export const BECAUSE = { author: 'Root', reason: 'test' } as const

/** Goes away with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'scop-directory-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function open(path: string, options: Partial<DirectoryOptions> = {}): Promise<Directory> {
  const given = { path, now: Date.now, randomOctets: (count: number) => randomBytes(count), limits: CHEAP, ...options }
  return expectOk(await openDirectory(given), 'open the directory')
}

const run = promisify(execFile)

/** What Git says; throws with what it complains about. */
export async function git(...args: readonly string[]): Promise<string> {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Pusher',
    GIT_AUTHOR_EMAIL: 'pusher@one.example',
    GIT_COMMITTER_NAME: 'Pusher',
    GIT_COMMITTER_EMAIL: 'pusher@one.example',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  }
  const { stdout, stderr } = await run('git', [...args], { env: environment })
  return stdout + stderr
}

export const hasGit: boolean = await git('--version').then(
  () => true,
  () => false,
)
