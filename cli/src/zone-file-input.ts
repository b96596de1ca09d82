// Zone files from the command line: every mistake at its file, line and column.

import { readFile } from 'node:fs/promises'
import {
  formatName,
  formatZone,
  formatZoneFileError,
  type Name,
  parseName,
  parseZone,
  ROOT,
  type Zone,
} from '@scop/dns'
import { EXIT, Failure } from './failure.ts'
import { printable } from './printable.ts'
import { readAll, type Terminal } from './terminal.ts'

/** A zone's name as the services write it: without the final dot, but for the root. */
export function zoneArgument(text: string): { readonly origin: Name; readonly zone: string } {
  const origin = parseName(text, ROOT)
  if (!origin.ok)
    throw new Failure('bad-zone-name', `Cannot read "${printable(text)}" as a zone's name: ${origin.error.kind}`, {
      exit: EXIT.usage,
    })
  return { origin: origin.value, zone: formatName(origin.value).replace(/(?<=.)\.$/, '') }
}

/** The text of `file`, or of standard input for `-`. */
export async function readZoneText(terminal: Terminal, file: string): Promise<string> {
  const octets = file === '-' ? await readAll(terminal.input, MAX_OCTETS) : await readFile(file)
  return octets.toString('latin1') // zone files are octets; what is not ASCII stays what it is
}

/** The zone in `text`; throws `Failure` with file, line and column of the mistake. */
export function parseZoneText(text: string, origin: Name, file: string): Zone {
  const zone = parseZone(text, origin)
  if (zone.ok) return zone.value
  throw new Failure('bad-zone', printable(formatZoneFileError(file === '-' ? 'standard input' : file, zone.error)))
}

/** As octets for the pipe. */
export async function* zoneOctets(zone: Zone): AsyncGenerator<Uint8Array> {
  yield Buffer.from(formatZone(zone), 'latin1')
}

const MAX_OCTETS = 64 * 1024 * 1024
