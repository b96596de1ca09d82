// `npm run check:fuzz`: every parser has a fuzz target. The rules are in `fuzz-rules.ts`.

import { fileURLToPath } from 'node:url'
import { brokenFuzzRules, WITHOUT_TARGET } from './fuzz-rules.ts'
import { readWorkspace } from './workspace.ts'

const workspace = readWorkspace(fileURLToPath(new URL('../', import.meta.url)))
const broken = brokenFuzzRules(workspace, WITHOUT_TARGET)
for (const line of broken) console.error(line)
console.log(`${workspace.packages.length} packages: ${broken.length} broken fuzz rules`)
process.exitCode = broken.length === 0 ? 0 : 1
