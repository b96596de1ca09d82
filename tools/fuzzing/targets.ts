// The fuzz targets of the repository: every libs/<library>/fuzz/<name>.fuzz.ts.

import { existsSync, globSync, readdirSync } from 'node:fs'
import path from 'node:path'

export type Target = {
  /** `<library>/<name>`. */
  readonly name: string
  readonly file: string
  /** The code whose coverage guides the search. */
  readonly sourceFolder: string
  /** Where inputs that broke it are kept. */
  readonly findingsFolder: string
}

/** What a target file exports. `fuzz` throws when a law is broken, and only then. */
export type TargetModule = {
  readonly seeds: readonly (string | Uint8Array)[]
  readonly fuzz: (input: Uint8Array) => void
}

export function findTargets(root: string): readonly Target[] {
  return globSync('libs/*/fuzz/*.fuzz.ts', { cwd: root })
    .toSorted()
    .map((relative) => {
      const file = path.join(root, relative)
      const library = path.resolve(path.dirname(file), '..')
      return {
        name: `${path.basename(library)}/${path.basename(file, '.fuzz.ts')}`,
        file,
        sourceFolder: path.join(library, 'src') + path.sep,
        findingsFolder: path.join(library, 'fuzz', 'findings'),
      }
    })
}

/** The inputs that once broke `target`. */
export function findingsOf({ name, findingsFolder }: Target): readonly string[] {
  if (!existsSync(findingsFolder)) return []
  const prefix = `${path.basename(name)}-`
  const names = readdirSync(findingsFolder).filter((file) => file.startsWith(prefix))
  return names.toSorted().map((file) => path.join(findingsFolder, file))
}
