// Runs a command of this repository on its own Node, after installing what is missing. `npm start` and `npm test` on a
// bare clone begin here, so this file is plain JavaScript for any Node from 20 on and imports nothing installed.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const OLDEST = 26

/** What each word runs, on the pinned Node. Further arguments are passed on. */
const COMMANDS = {
  start: { script: ['cli/bin/scop.mjs', 'start'] },
  scop: { script: ['cli/bin/scop.mjs'] },
  test: { script: ['tools/test.ts'] },
  'bench:mail': { script: ['bench/mail.ts'] },
  'bench:dns': { script: ['bench/dns.ts'] },
  'suite:mime': { script: ['tests/suites/mime/run.ts'] },
  'suite:spf': { script: ['tests/suites/spf/run.ts'] },
  'suite:dmarc': { script: ['tests/suites/dmarc/run.ts'] },
  'suite:arc': { script: ['tests/suites/arc/run.ts'] },
  replay: { script: ['libs/resolver/test/replay/run.ts'] },
  'bench:mime': { script: ['bench/mime.ts'] },
  'test:crash': { tests: 'tests/crash', environment: { SCOP_CRASH_MESSAGES: '2000', SCOP_CRASH_UPDATES: '1000' } },
  'test:hamlet': { tests: 'libs/hamlet/test', environment: { SCOP_HAMLET_ORIGINALS: '39874' } },
  'test:interop': { tests: 'tests/interop', environment: {} },
}

/** Why the command cannot run, in words for the person who typed it. */
class CannotRun extends Error {}

export function main(repository, [word, ...rest]) {
  const command = COMMANDS[word]
  if (command === undefined)
    throw new CannotRun(`No command "${word ?? ''}". There are: ${Object.keys(COMMANDS).join(', ')}.`)
  if (!isInstalled(repository)) install(repository)
  const node = usableNode(repository)
  const script = command.script ?? ['--test', `${command.tests}/*.test.ts`]
  // The tests' folder is a pattern for Node to expand, relative to the repository.
  const directory = command.script === undefined ? repository : process.cwd()
  const [first, ...others] = script
  const arguments_ = [command.script === undefined ? first : path.join(repository, first), ...others, ...rest]
  run(repository, node, ['--disable-warning=ExperimentalWarning', ...arguments_], directory, command.environment ?? {})
}

/** Whether node_modules holds what package-lock.json asks for. Reads two files, asks nobody. */
export function isInstalled(repository) {
  const lockText = readIfThere(path.join(repository, 'package-lock.json'))
  if (lockText === undefined) throw new CannotRun(`There is no package-lock.json in ${repository}.`)
  const stampFile = path.join(repository, 'node_modules', '.scop-lock-sha256')
  const wanted = createHash('sha256').update(lockText).digest('hex')
  const installedText = readIfThere(path.join(repository, 'node_modules', '.package-lock.json'))
  if (installedText === undefined) return false
  if (readIfThere(stampFile) === wanted) return true
  // Somebody installed with npm itself. npm writes this second file last, so it tells what is really there.
  if (!sameVersions(JSON.parse(lockText).packages, JSON.parse(installedText).packages)) return false
  writeFileSync(stampFile, wanted)
  return true
}

function sameVersions(wanted, installed) {
  for (const [place, entry] of Object.entries(wanted)) {
    if (!place.startsWith('node_modules/')) continue
    const there = installed[place]
    if (there === undefined) {
      if (!entry.optional) return false // an optional one may be for another machine
    } else if (there.version !== entry.version || there.integrity !== entry.integrity) return false
  }
  return true
}

function install(repository) {
  console.error('Installing what is missing (once) …')
  // npm's own file runs on this Node; a bare "npm" would need a shell on some systems.
  const npm = process.env.npm_execpath
  const [program, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')))
  // Not `npm ci`: it refuses a lock without the optional packages of every other platform, also where the registry has
  // none of them. `install --no-save` takes the same locked versions, and isInstalled compares them afterwards.
  const words = [...first, 'install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  const { status, error } = spawnSync(program, words, {
    cwd: repository,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (error !== undefined) throw new CannotRun(`Cannot run npm: ${error.message}. Is npm installed?`)
  if (status !== 0) {
    throw new CannotRun(
      `Cannot install: npm ended with ${status ?? 'a signal'}; its own words are above.\n` +
        'The first run needs the npm registry (or a full npm cache). Once installed, no network is needed.',
    )
  }
  if (!isInstalled(repository))
    throw new CannotRun('npm succeeded, but node_modules still differs from package-lock.json.')
}

/** The pinned Node of node_modules; on machines it is not made for, this one if it is new enough. */
export function usableNode(repository) {
  const pinned = path.join(repository, 'node_modules', '.bin', 'node')
  if (!existsSync(pinned)) {
    if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
      console.error(`No pinned Node for ${process.platform}-${process.arch}: running on ${process.version}, yours.`)
      return process.execPath
    }
    throw new CannotRun(
      `There is no pinned Node for ${process.platform}-${process.arch} in node_modules, and this is Node ${process.versions.node}.\n` +
        `Use Node ${OLDEST} or newer, or, if this machine should have one, remove node_modules and try again.`,
    )
  }
  const { status, stderr, error } = spawnSync(pinned, ['--version'], { encoding: 'utf8' })
  if (status === 0) return pinned
  const reason = error?.message ?? stderr.trim()
  throw new CannotRun(`Cannot run the pinned Node ${pinned}:\n${reason}${adviceFor(reason)}`)
}

/** What to do about a Node that does not start. */
export function adviceFor(reason) {
  if (/libatomic\.so/.test(reason)) {
    return '\nThis machine lacks the small library libatomic. Debian, Ubuntu: apt-get install libatomic1; Fedora: dnf install libatomic; Alpine is not supported.'
  }
  if (/GLIBC|libstdc\+\+|ENOENT/.test(reason))
    return '\nThis system is older than Node supports, or has another C library (musl).'
  return ''
}

function run(repository, node, arguments_, directory, environment) {
  const child = spawn(node, arguments_, {
    cwd: directory,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...environment,
      // What it starts as "node" is the pinned one too.
      PATH: `${path.join(repository, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH ?? ''}`,
    },
  })
  child.once('error', (error) => fail(`Cannot start ${node}: ${error.message}`))
  // At a terminal, Ctrl-C reaches the child by itself; passed on as well, it would look like a second one.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

function fail(message) {
  console.error(message)
  process.exitCode = 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  try {
    main(fileURLToPath(new URL('../', import.meta.url)), process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error
    fail(error.message)
  }
}
