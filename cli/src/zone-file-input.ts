// Zone files from the command line: every mistake at its file, line and column.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import {
  checkZone,
  DEFAULT_LIMITS,
  describeZoneFinding,
  formatName,
  formatZone,
  formatZoneFileError,
  type IncludeFile,
  type Name,
  parseName,
  parseZoneFile,
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

/**
 * The zone in `text`; throws `Failure` with file, line and column of each mistake. `$INCLUDE` is meant from the folder of the
 * file that says it; what comes by standard input includes nothing.
 */
export function parseZoneText(text: string, origin: Name, file: string): Zone {
  const include: IncludeFile = (name, from) => {
    const found = path.resolve(path.dirname(from ?? file), name)
    try {
      return { file: found, text: readFileSync(found, 'latin1') }
    } catch {
      return undefined
    }
  }
  const zone = parseZoneFile(text, origin, undefined, file === '-' ? undefined : include)
  if (zone.ok) return zone.value
  const lines = zone.error.map((error) => printable(formatZoneFileError(file === '-' ? 'standard input' : file, error)))
  if (lines.length >= DEFAULT_LIMITS.zoneFileErrors) lines.push('and there may be more')
  throw new Failure('bad-zone', lines.join('\n'))
}

/** Says what is doubtful about a zone; throws `Failure` for what is wrong, unless `force`. */
export function checkZoneText(terminal: Terminal, zone: Zone, force: boolean): void {
  const findings = checkZone(zone)
  const errors = findings.filter(({ severity }) => severity === 'error')
  for (const finding of force
    ? findings
    : findings.filter(({ severity }) => severity === 'warning').slice(0, MOST_WARNINGS))
    terminal.errors.write(`${finding.severity}: ${printable(describeZoneFinding(finding))}\n`)
  if (errors.length > 0 && !force)
    throw new Failure('zone-not-right', errors.map((finding) => printable(describeZoneFinding(finding))).join('\n'), {
      next: 'put it right, or take it as it is with --force',
    })
}

/** As octets for the pipe. */
export async function* zoneOctets(zone: Zone): AsyncGenerator<Uint8Array> {
  yield Buffer.from(formatZone(zone), 'latin1')
}

const MOST_WARNINGS = 20
const MAX_OCTETS = 64 * 1024 * 1024
