// `npm run suite:arc -- FILE.yml…`: runs each test of the suites. One line for each that fails; the counts on
// the last line. The exit code is 1 where one fails or none passes.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { runSuite } from './suite.ts'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('Usage: npm run suite:arc -- FILE.yml…')
  process.exitCode = 2
} else process.exitCode = main(files)

function main(names: readonly string[]): number {
  const counts = { passed: 0, failed: 0 }
  for (const name of names) {
    // npm runs this in the repository; the file is meant from where it was typed.
    const file = path.resolve(process.env['INIT_CWD'] ?? '.', name)
    if (!existsSync(file)) {
      console.error(`There is no file ${file}.`)
      return 2
    }
    for (const outcome of runSuite(readFileSync(file, 'utf8'))) {
      counts[outcome.result]++
      if (outcome.result !== 'passed')
        console.log(`${outcome.result} ${path.basename(file)} ${outcome.name}: ${outcome.reason}`)
    }
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`)
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0
}
