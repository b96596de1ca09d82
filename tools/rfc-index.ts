// `npm run rfc-index`: writes docs/rfc-coverage.md. With --check it writes nothing and fails where the page is stale.

import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { rfcCoverage } from './rfc-coverage.ts'
import { readWorkspace, textOf } from './workspace.ts'

const PAGE = 'docs/rfc-coverage.md'

const workspace = readWorkspace(fileURLToPath(new URL('../', import.meta.url)))
const page = rfcCoverage(workspace)
const isCurrent = page === textOf(workspace, PAGE)

if (!process.argv.includes('--check')) {
  mkdirSync(path.join(workspace.root, 'docs'), { recursive: true })
  writeFileSync(path.join(workspace.root, PAGE), page)
  console.log(`${PAGE}: ${isCurrent ? 'as it was' : 'written'}`)
} else if (!isCurrent) {
  console.error(`${PAGE} is stale: run "npm run rfc-index" and commit it`)
  process.exitCode = 1
}
