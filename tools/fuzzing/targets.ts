// The fuzz targets of the repository: every fuzz/<name>.fuzz.ts of a library, a service or the command line.

import { globSync } from 'node:fs'
import path from 'node:path'

export type Target = {
  /** `mime/message-tree`; of a service: `service-supervisor/log-lines`. */
  readonly name: string
  readonly file: string
  /** The code whose coverage guides the search. */
  readonly sourceFolder: string
  /** Where inputs that broke it are kept. */
  readonly findingsFolder: string
  /** Where the inputs that reach its branches are kept. */
  readonly corpusFile: string
}

/** What a target file exports. `fuzz` throws when a law is broken, and only then. */
export type TargetModule = {
  readonly seeds: readonly (string | Uint8Array)[]
  readonly fuzz: (input: Uint8Array) => void
  /** The form of its inputs, for changes that keep to it; see `structures.ts`. Default: octets. */
  readonly structure?: StructureName
}

/** `message`: a whole mail, which begins as one of Hamlet's. `header`: header fields. `lines`: text in lines. */
export type StructureName = 'message' | 'header' | 'lines'

export function findTargets(root: string): readonly Target[] {
  return globSync(['{libs,services}/*/fuzz/*.fuzz.ts', 'cli/fuzz/*.fuzz.ts'], { cwd: root })
    .toSorted()
    .map((relative) => {
      const file = path.join(root, relative)
      const owner = path.resolve(path.dirname(file), '..')
      const name = path.basename(file, '.fuzz.ts')
      const kind = relative.startsWith('services') ? 'service-' : ''
      return {
        name: `${kind}${path.basename(owner)}/${name}`,
        file,
        sourceFolder: path.join(owner, 'src') + path.sep,
        findingsFolder: path.join(owner, 'fuzz', 'findings'),
        corpusFile: path.join(owner, 'fuzz', 'corpus', `${name}.txt`),
      }
    })
}
