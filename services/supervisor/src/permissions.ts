// Permissions: what a service's process is started with, from its privileges. What is not given here is refused by
// the runtime: other services' data, other programs, workers, addons.
// todo: Landlock, seccomp and users of their own, so that it also holds when the runtime does not

import path from 'node:path'
import type { Privileges } from '@scop/bottle'
import { strippedRuntime } from '@scop/bottle/home'

export type Places = {
  /** The service's program: `…/<name>/src/main.ts`; its folder is that of the service. */
  readonly program: string
  /** Directories of the libraries. */
  readonly libraries: readonly string[]
  /** Programs without their types; absent where the service strips its own. */
  readonly stripped?: string | undefined
  readonly dataDirectory: string
  /** The socket of its own pipe. */
  readonly pipe: string
  /** Files of the configuration that it reads itself. */
  readonly files: readonly string[]
  /** Where the process writes its CPU profile when it ends: for those who make it faster. */
  readonly profiles?: string | undefined
}

/** Arguments of the runtime, in front of the program. */
export function runtimeArguments(privileges: Privileges, places: Places): readonly string[] {
  const folder = path.dirname(path.dirname(places.program))
  const reads = [
    path.join(folder, '*'),
    ...places.libraries.map((directory) => path.join(directory, '*')),
    ...places.files,
  ]
  if (places.stripped !== undefined) reads.push(path.join(places.stripped, '*'))
  const writes = [places.pipe]
  if (privileges.keepsData) {
    // The directory itself as well: a store lists it and syncs it.
    reads.push(places.dataDirectory, path.join(places.dataDirectory, '*'))
    writes.push(places.dataDirectory, path.join(places.dataDirectory, '*'))
  }
  return [
    '--permission',
    '--allow-net',
    ...reads.map((place) => `--allow-fs-read=${place}`),
    ...writes.map((place) => `--allow-fs-write=${place}`),
    `--max-old-space-size=${privileges.limits.heapMebibytes}`,
    `--max-semi-space-size=${SEMI_SPACE_MEBIBYTES}`,
    '--v8-pool-size=1', // each further thread of the engine keeps 2 to 4 MiB in every process
    '--disable-warning=ExperimentalWarning',
    ...(places.stripped === undefined ? [] : strippedRuntime(places.stripped)),
    ...(places.profiles === undefined
      ? []
      : [
          '--allow-inspector',
          '--cpu-prof',
          `--cpu-prof-dir=${places.profiles}`,
          `--cpu-prof-name=${privileges.service}.cpuprofile`,
        ]),
  ]
}

const SEMI_SPACE_MEBIBYTES = 8
