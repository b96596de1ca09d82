#!/usr/bin/env node
// Starts the command. Plain JavaScript that any Node from 18 on can read: the program itself needs Node 26, which the
// repository brings along, so an older Node hands over to that one.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST = 26
const repository = fileURLToPath(new URL('../../', import.meta.url))
const modules = path.join(repository, 'node_modules')
const installed = existsSync(path.join(modules, 'commander')) && existsSync(path.join(modules, '@scop', 'bottle'))
const arguments_ = process.argv.slice(2)

if (!installed) {
  console.error(`Cannot start: nothing is installed in ${modules}.\nRun "npm start" in ${repository} once.`)
  process.exitCode = 4
} else if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
  const { main } = await import('../src/main.ts')
  await main(arguments_)
} else {
  handOver(path.join(modules, '.bin', 'node'))
}

/** Runs this file on `node`; signals go on to it, and its exit is ours. */
function handOver(node) {
  if (!existsSync(node)) {
    console.error(
      `Cannot start: this is Node ${process.versions.node}, SCoP needs ${OLDEST}, and ${node} is not there.\n` +
        `Run "npm start" in ${repository} once, or use Node ${OLDEST}.`,
    )
    process.exitCode = 4
    return
  }
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url), ...arguments_], {
    stdio: 'inherit',
  })
  child.once('error', (error) => {
    console.error(`Cannot start ${node}: ${error.message}`)
    process.exitCode = 4
  })
  // Ctrl-C reaches the child by itself, as it is in our terminal's group: we only must not die before it.
  process.on('SIGINT', () => undefined)
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
  })
}
