// Where external test data lie, and how to read Unbound's entry files; tests that need them skip where they are absent.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Name, parseName, parseRecords, type ResourceRecord, ROOT } from '@scop/dns'
import { expectOk } from '@scop/result'

export const VECTORS: string = process.env['SCOP_VECTORS'] ?? join(import.meta.dirname, '../../../../shared/vectors')
export const UNBOUND = join(VECTORS, 'dns/unbound/vectors')

export const name = (text: string): Name => expectOk(parseName(text, ROOT), `read "${text}"`)

export const records = (text: string): readonly ResourceRecord[] =>
  expectOk(parseRecords(`$TTL 3600\n${text}`, ROOT), `read ${text.slice(0, 200)}`)

export type Entry = { readonly question: string; readonly sections: ReadonlyMap<string, readonly ResourceRecord[]> }

/** ENTRY_BEGIN … ENTRY_END with SECTIONs of records. A section with a type that has no text here is left out. */
export function readEntries(file: string): readonly Entry[] {
  const entries: Entry[] = []
  let lines: [string, string[]][] = []
  for (const line of readFileSync(file, 'latin1')
    .split('\n')
    .map((each) => each.replace(/\t/g, ' ').trim())) {
    if (line === 'ENTRY_BEGIN') lines = []
    else if (line.startsWith('SECTION ')) lines.push([line.slice(8).trim(), []])
    else if (line === 'ENTRY_END') entries.push(entryOf(lines))
    else if (line !== '' && !line.startsWith(';')) lines.at(-1)?.[1].push(line)
  }
  return entries
}

function entryOf(sections: readonly [string, readonly string[]][]): Entry {
  const question = sections.find(([title]) => title === 'QUESTION')?.[1][0] ?? ''
  const read = new Map<string, readonly ResourceRecord[]>()
  for (const [title, lines] of sections) {
    if (title === 'QUESTION') continue
    const parsed = parseRecords(`$TTL 3600\n${lines.join('\n')}`, ROOT)
    if (parsed.ok) read.set(title, parsed.value)
  }
  return { question, sections: read }
}
