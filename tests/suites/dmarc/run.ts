// `npm run suite:dmarc -- DIR…`: reads every report below each folder (a file is taken too). One line for each that fails,
// with `--all` for each; the counts on the last line. The exit code is 1 where one fails or none passes.

import { existsSync } from 'node:fs'
import path from 'node:path'
import { runSuite } from './suite.ts'

const all = process.argv.includes('--all')
const folders = process.argv.slice(2).filter((one) => one !== '--all')
if (folders.length === 0) {
  console.error('Usage: npm run suite:dmarc -- [--all] DIR…')
  process.exitCode = 2
} else process.exitCode = main(folders)

function main(names: readonly string[]): number {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const name of names) {
    // npm runs this in the repository; the folder is meant from where it was typed.
    const folder = path.resolve(process.env['INIT_CWD'] ?? '.', name)
    if (!existsSync(folder)) {
      console.error(`There is no folder ${folder}.`)
      return 2
    }
    for (const { file, result, reason } of runSuite(folder)) {
      counts[result]++
      if (all || result !== 'passed') console.log(`${result} ${file}: ${reason}`)
    }
  }
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`)
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0
}
