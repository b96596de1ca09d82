// The loader of stripped programs: `node --import …/loader.mjs`. A module whose text was stripped before is read from
// beside this file, by the hash of its text; any other is left to the runtime. So nothing stale can ever be run.

import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

registerHooks({
  load: (url, context, next) => {
    const stripped = url.startsWith('file:') && url.endsWith('.ts') ? readStripped(url) : undefined
    return stripped === undefined ? next(url, context) : { format: 'module', source: stripped, shortCircuit: true }
  },
})

function readStripped(url: string): string | undefined {
  try {
    const text = readFileSync(fileURLToPath(url))
    return readFileSync(`${import.meta.dirname}/${hash('sha256', text)}.js`, 'utf8')
  } catch {
    return undefined // not stripped, or not to be read: the runtime says which
  }
}
