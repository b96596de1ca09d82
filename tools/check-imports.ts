// `npm run check:imports`: who may import whom. The rules are in `import-rules.ts`.

import { fileURLToPath } from 'node:url'
import { brokenImportRules } from './import-rules.ts'
import { readWorkspace } from './workspace.ts'

const workspace = readWorkspace(fileURLToPath(new URL('../', import.meta.url)))
const broken = brokenImportRules(workspace)
for (const line of broken) console.error(line)
console.log(
  `${workspace.files.length} files in ${workspace.packages.length} packages: ${broken.length} broken import rules`,
)
process.exitCode = broken.length === 0 ? 0 : 1
