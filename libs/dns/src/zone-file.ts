// Zone files (master files): read with every mistake at its line and column, written so that reading gives the same records.
// RFC 1035 §5, RFC 2308 §4 ($TTL), RFC 2181 §8 (TTL), RFC 3597 §5 (types and classes without names)

import { err, ok, type Result } from '@scop/result'
import { formatClass } from './codes.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { equalNames, formatName, isAtOrBelow, type Name } from './name.ts'
import { formatRdata } from './rdata.ts'
import type { ResourceRecord } from './record.ts'
import { formatType } from './type-names.ts'
import { startZone, type Zone, recordsByName } from './zone.ts'
import { type IncludeFile, readZoneFile, type ZoneFileError, type ZoneFileErrors } from './zone-file-reader.ts'

/**
 * Reads the records of a zone file. Names without a final dot are completed by `origin`, then by `$ORIGIN`; without
 * `include`, `$INCLUDE` is refused.
 */
export function parseRecords(
  text: string,
  origin: Name,
  limits: Limits = DEFAULT_LIMITS,
  include?: IncludeFile,
): Result<readonly ResourceRecord[], ZoneFileError> {
  const located = readZoneFile(text, origin, limits, include, 1)
  return located.ok ? ok(located.value.map(({ record }) => record)) : err(located.error[0])
}

/** Reads a whole zone; of several mistakes the first is told. */
export function parseZone(
  text: string,
  origin: Name,
  limits: Limits = DEFAULT_LIMITS,
  include?: IncludeFile,
): Result<Zone, ZoneFileError> {
  const zone = readZone(text, origin, limits, include, 1)
  return zone.ok ? zone : err(zone.error[0])
}

/** As `parseZone`, for somebody who will put it right: all mistakes, up to `zoneFileErrors`. */
export function parseZoneFile(
  text: string,
  origin: Name,
  limits: Limits = DEFAULT_LIMITS,
  include?: IncludeFile,
): Result<Zone, ZoneFileErrors> {
  return readZone(text, origin, limits, include, limits.zoneFileErrors)
}

/** What records together cannot be is told only where each can be read: it may follow from what is missing. */
function readZone(
  text: string,
  origin: Name,
  limits: Limits,
  include: IncludeFile | undefined,
  most: number,
): Result<Zone, ZoneFileErrors> {
  const located = readZoneFile(text, origin, limits, include, most)
  if (!located.ok) return located
  const editor = startZone(origin, limits)
  const errors: ZoneFileError[] = []
  for (const { record, file, line } of located.value) {
    const kind = editor.add(record)
    if (kind !== undefined) errors.push({ kind, file, line, column: 1, text: formatName(record.name) })
    if (errors.length >= most) break
  }
  const [first, ...more] = errors
  if (first !== undefined) return err([first, ...more])
  const zone = editor.finish()
  return zone.ok ? zone : err([{ kind: zone.error.kind, file: undefined, line: 1, column: 1, text: '' }])
}

/** Writes a zone so that `parseZone` reads the same zone; names below the origin are written relative to it. */
export function formatZone(zone: Zone): string {
  return [...formatZoneByName(zone)].join('')
}

/** The text that `formatZone` gives, in pieces: what stands before all records, then name by name. */
export function* formatZoneByName(zone: Zone): Generator<string, void, void> {
  const { origin } = zone
  yield `$ORIGIN ${formatName(origin)}\n`
  for (const records of recordsByName(zone)) {
    let text = ''
    for (const { name, type, ttlSeconds, class: klass, rdata } of records) {
      const shown = text === '' ? relativeName(name, origin) : ''
      text += `${shown}\t${ttlSeconds}\t${formatClass(klass)}\t${formatType(type)}\t${formatRdata(type, rdata)}\n`
    }
    yield text
  }
}

/** `zone.example:12:7: unknown-type "MXX"`; `file` is the one that was given. */
export function formatZoneFileError(file: string, error: ZoneFileError): string {
  return `${error.file ?? file}:${error.line}:${error.column}: ${error.kind}${error.text === '' ? '' : ` ${JSON.stringify(error.text)}`}`
}

function relativeName(name: Name, origin: Name): string {
  if (equalNames(name, origin)) return '@'
  if (origin.octets.length === 1 || !isAtOrBelow(name, origin)) return formatName(name)
  // Cut by octets, not by text: the case of the origin's labels may differ.
  const text = formatName(name)
  return text.slice(0, text.length - formatName(origin).length - 1)
}
