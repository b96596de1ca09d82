// A zone's name as the pipe and the configuration have it: without the final dot, but for the root.

import { formatName, type Name, parseName, ROOT } from '@scop/dns'
import { PipeRefusal } from '@scop/mesh/node'

export function zoneText(origin: Name): string {
  return formatName(origin)
    .toLowerCase()
    .replace(/(?<=.)\.$/, '')
}

/** Refuses what is no name. */
export function readOrigin(text: string): Name {
  const origin = parseName(text, ROOT)
  if (!origin.ok) throw new PipeRefusal('bad-request', `"${text}" is not a name: ${origin.error.kind}`)
  return origin.value
}
