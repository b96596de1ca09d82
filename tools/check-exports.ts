// `npm run check:exports`: what each library shows. The rules are in `export-rules.ts`.

import { fileURLToPath } from 'node:url'
import { brokenExportRules } from './export-rules.ts'
import { readWorkspace } from './workspace.ts'

const workspace = readWorkspace(fileURLToPath(new URL('../', import.meta.url)))
const broken = brokenExportRules(workspace)
for (const line of broken) console.error(line)
console.log(`${workspace.packages.length} packages: ${broken.length} broken export rules`)
process.exitCode = broken.length === 0 ? 0 : 1
