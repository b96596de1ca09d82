// The launcher in a repository of its own, with an npm that only pretends.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const LAUNCHER = fileURLToPath(new URL('../launch.mjs', import.meta.url))
const WANTED = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/other-os': { version: '1.0.0', optional: true },
  },
}
const INSTALLED = { packages: { 'node_modules/a': { version: '1.0.0' } } }

type Clone = {
  readonly root: string
  readonly launch: (...words: readonly string[]) => {
    readonly status: number | null
    readonly out: string
    readonly err: string
  }
}

/** A clone in which nothing is installed; its npm is `npm`, the text of a program. */
function clone(t: TestContext, npm: string): Clone {
  const root = mkdtempSync(path.join(tmpdir(), 'scop-launch-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const folder of ['tools', 'cli/bin']) mkdirSync(path.join(root, folder), { recursive: true })
  copyFileSync(LAUNCHER, path.join(root, 'tools/launch.mjs'))
  writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify(WANTED))
  writeFileSync(
    path.join(root, 'cli/bin/scop.mjs'),
    'console.log(JSON.stringify(process.argv.slice(2)))\nif (process.argv[2] === "fail") process.exitCode = 7\n',
  )
  writeFileSync(path.join(root, 'npm.js'), npm)
  return {
    root,
    launch(...words) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(root, 'tools/launch.mjs'), ...words], {
        encoding: 'utf8',
        cwd: root,
        env: { ...process.env, npm_execpath: path.join(root, 'npm.js') },
      })
      return { status, out: stdout, err: stderr }
    },
  }
}

const GOOD_NPM = `
const { appendFileSync, mkdirSync, symlinkSync, writeFileSync } = require('node:fs')
appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n')
mkdirSync('node_modules/.bin', { recursive: true })
symlinkSync(process.execPath, 'node_modules/.bin/node')
writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(JSON.stringify(INSTALLED))})
`

test('installs once, without scripts, then asks npm no more', (t) => {
  const { root, launch } = clone(t, GOOD_NPM)
  const first = launch('scop', 'user', 'list')
  assert.deepEqual([first.status, first.out], [0, '["user","list"]\n'], first.err)
  assert.deepEqual([launch('start').out, launch('scop', 'x').out], ['["start"]\n', '["x"]\n'])
  assert.equal(
    readFileSync(path.join(root, 'npm-calls'), 'utf8'),
    'install --no-save --ignore-scripts --no-audit --no-fund\n',
  )
})

test('takes what npm itself has installed, where the versions agree', (t) => {
  const { root, launch } = clone(t, 'throw new Error("not to be called")')
  mkdirSync(path.join(root, 'node_modules/.bin'), { recursive: true })
  symlinkSync(process.execPath, path.join(root, 'node_modules/.bin/node'))
  writeFileSync(path.join(root, 'node_modules/.package-lock.json'), JSON.stringify(INSTALLED))
  assert.equal(launch('scop').status, 0)
  writeFileSync(
    path.join(root, 'package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/a': { version: '2.0.0' } } }),
  )
  assert.match(launch('scop').err, /Cannot install/)
})

test('says why npm failed, and passes its failure on', (t) => {
  const { launch } = clone(t, 'console.error("ENOTFOUND registry"); process.exitCode = 1')
  const { status, err } = launch('start')
  assert.equal(status, 1)
  assert.match(err, /ENOTFOUND registry[\s\S]*Cannot install: npm ended with 1[\s\S]*needs the npm registry/)
  assert.doesNotMatch(err, /at .*launch\.mjs/)
})

test('hands on the exit code', (t) => {
  assert.equal(clone(t, GOOD_NPM).launch('scop', 'fail').status, 7)
})

test('names the commands where there is no such command, and installs nothing', (t) => {
  const { root, launch } = clone(t, GOOD_NPM)
  const { status, err } = launch('strat')
  assert.equal(status, 1)
  assert.match(err, /No command "strat"\. There are: start, scop, test/)
  assert.equal(existsSync(path.join(root, 'node_modules')), false)
})

test('explains a pinned Node that lacks libatomic', (t) => {
  const { root, launch } = clone(t, GOOD_NPM)
  launch('scop')
  const node = path.join(root, 'node_modules/.bin/node')
  rmSync(node)
  writeFileSync(
    node,
    '#!/bin/sh\necho "node: error while loading shared libraries: libatomic.so.1: cannot open" >&2\nexit 127\n',
  )
  chmodSync(node, 0o755)
  const { status, err } = launch('scop')
  assert.equal(status, 1)
  assert.match(err, /apt-get install libatomic1/)
})

test('passes SIGTERM on and waits for the answer', async (t) => {
  const { root } = clone(t, GOOD_NPM)
  const program =
    'process.on("SIGTERM", () => { console.log("stopped"); process.exit(5) })\nsetInterval(() => {}, 1000)\nconsole.log("ready")\n'
  writeFileSync(path.join(root, 'cli/bin/scop.mjs'), program)
  const child = spawn(process.execPath, [path.join(root, 'tools/launch.mjs'), 'start'], {
    cwd: root,
    env: { ...process.env, npm_execpath: path.join(root, 'npm.js') },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (out === '') child.kill('SIGTERM')
    out += text
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  assert.deepEqual([code, out], [5, 'ready\nstopped\n'])
})
