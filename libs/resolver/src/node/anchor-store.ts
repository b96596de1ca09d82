// The file of the trust anchors that are followed: replaced whole, durable before it is used again. RFC 5011 §2.3, §4.2
// O_DSYNC and not fsync, which Node's permission model forbids.

import { constants } from 'node:fs'
import { open, readFile, rename } from 'node:fs/promises'
import { formatName, type Name } from '@scop/dns'

/** The state of each zone whose anchors are followed, by its name. None if there is no file; a damaged one throws. */
export async function readAnchorFile(path: string): Promise<Map<string, string>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Map()
    throw error
  }
  const states = parse(text)
  if (states === undefined) throw new Error(`Cannot read "${path}": it is damaged; without it, anchors begin anew`)
  return states
}

/** The states of one file, kept as they change: one write at a time, the newest of what waits. */
export type AnchorStore = {
  readonly states: ReadonlyMap<string, string>
  keep(zone: Name, text: string): void
  /** Resolves when all that was to be kept is on the disk, or could not be. */
  settled(): Promise<void>
}

export async function openAnchorStore(path: string, notKept: (error: Error) => void): Promise<AnchorStore> {
  const states = await readAnchorFile(path)
  let writing: Promise<void> | undefined
  let again = false
  const write = async (): Promise<void> => {
    do {
      again = false
      try {
        await writeAnchorFile(path, states)
      } catch (error) {
        notKept(error instanceof Error ? error : new Error(String(error)))
      }
    } while (again)
    writing = undefined
  }
  return {
    states,
    keep: (zone, text) => {
      states.set(formatName(zone), text)
      if (writing === undefined) writing = write()
      else again = true
    },
    settled: async () => {
      await writing
    },
  }
}

/** A crash leaves the old file or the new one. */
export async function writeAnchorFile(path: string, states: ReadonlyMap<string, string>): Promise<void> {
  const beside = `${path}.new`
  const { O_CREAT, O_DSYNC, O_TRUNC, O_WRONLY } = constants
  const file = await open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_DSYNC, 0o600)
  try {
    await file.writeFile(`${JSON.stringify(Object.fromEntries(states), null, 1)}\n`)
  } finally {
    await file.close()
  }
  await rename(beside, path)
}

function parse(text: string): Map<string, string> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const states = new Map<string, string>()
    for (const [zone, state] of Object.entries(value)) {
      if (typeof state !== 'string') return undefined
      states.set(zone, state)
    }
    return states
  } catch {
    return undefined
  }
}
