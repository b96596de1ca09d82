// `npm run suite:mime -- DIR…`: runs the expected parses below each folder. One line for each file that fails, with its
// first differences; the count alone on the last line. The exit code is 1 where a file fails or there is none at all.

import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { runSuite } from './suite.ts'

const SHOWN = 3

const folders = process.argv.slice(2)
if (folders.length === 0) {
  console.error('Usage: npm run suite:mime -- DIR…')
  process.exitCode = 2
} else process.exitCode = main(folders)

function main(names: readonly string[]): number {
  let passed = 0
  let failed = 0
  let skipped = 0
  let accepted = 0
  for (const name of names) {
    // npm runs this in the repository; the folder is meant from where it was typed.
    const folder = path.resolve(process.env['INIT_CWD'] ?? '.', name)
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      console.error(`There is no folder ${folder}.`)
      return 2
    }
    const run = runSuite(folder)
    for (const { file, reason } of run.skipped) console.log(`skipped ${file}: ${reason}`)
    skipped += run.skipped.length
    for (const outcome of run.outcomes) {
      if (outcome.result === 'passed') {
        passed++
        if (outcome.accepted > 0) accepted++
        continue
      }
      failed++
      const { file, lines } = outcome
      const more = lines.length > SHOWN ? ` … and ${lines.length - SHOWN} more` : ''
      console.log(`failed ${file}: ${lines.slice(0, SHOWN).join('; ')}${more}`)
    }
  }
  if (accepted > 0) console.log(`${accepted} of them differ as tests/suites/mime/differences.ts says`)
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  return failed > 0 || passed === 0 ? 1 : 0
}
