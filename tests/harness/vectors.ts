// Where external test data lies: $SCOP_VECTORS, or beside the repository. Test input only; absent data skip their tests.

import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

const ROOT = process.env['SCOP_VECTORS'] ?? path.resolve(import.meta.dirname, '../../../shared/vectors')

/** Files below `folder` whose names end in `ending`, sorted; `undefined` where the data are absent. */
export function vectorFiles(folder: string, ending: string): readonly string[] | undefined {
  const base = path.join(ROOT, folder)
  if (!existsSync(base)) return undefined
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(base, name))
    .toSorted()
}
