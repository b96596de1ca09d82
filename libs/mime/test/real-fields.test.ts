// The fields of real mail: what part of them is read, so that a stricter reader is noticed.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type Field,
  parseAuthenticationResults,
  parseContentType,
  parseDate,
  parseHeaderSection,
  parseListCommand,
  parseListId,
  parseMessageIds,
  parseReceived,
  parseTransferEncoding,
} from '../src/index.ts'

const vectors = process.env['SCOP_VECTORS'] ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

/** Per field: whether the value is read, and how many of a hundred must be. */
const READERS: ReadonlyMap<string, readonly [leastPercent: number, read: (value: string) => boolean]> = new Map([
  ['date', [99, (value: string) => parseDate(value).ok]],
  ['received', [99, (value: string) => parseReceived(value).date !== undefined]],
  ['message-id', [99, (value: string) => parseMessageIds(value).ids.length === 1]],
  ['references', [99, (value: string) => parseMessageIds(value).ids.length > 0]],
  ['authentication-results', [100, (value: string) => parseAuthenticationResults(value).ok]],
  ['content-type', [99, (value: string) => parseContentType(value).ok]],
  ['content-transfer-encoding', [99, (value: string) => parseTransferEncoding(value).ok]],
  ['list-id', [99, (value: string) => parseListId(value).ok]],
  ['list-unsubscribe', [98, (value: string) => parseListCommand(value).ok]],
])

test('the fields of 500 real messages are read', (t) => {
  const folder = join(vectors, 'mail/mime/real-raw')
  if (!existsSync(folder)) return t.skip('vectors mail/mime/real-raw absent')
  const counts = new Map<string, { read: number; all: number; unread: string[] }>()
  const count = (field: Field): void => {
    const name = field.name.toLowerCase()
    const reader = READERS.get(name)
    const value = field.text
    if (reader === undefined || value.trim() === '') return
    const entry = counts.get(name) ?? { read: 0, all: 0, unread: [] }
    counts.set(name, entry)
    entry.all++
    if (reader[1](value)) entry.read++
    else entry.unread.push(value)
  }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name)
    if (!/\.(?:eml|txt)$/.test(name)) continue
    const parsed = parseHeaderSection(new Uint8Array(readFileSync(file)))
    if (parsed.ok) for (const field of parsed.value.header.fields) count(field)
  }
  for (const [name, [leastPercent]] of READERS) {
    const { read, all, unread } = counts.get(name) ?? { read: 0, all: 0, unread: [] }
    assert.ok(
      all > 0 && read * 100 >= leastPercent * all,
      `${name}: ${read} of ${all}, not ${unread.slice(0, 3).join(' | ')}`,
    )
    t.diagnostic(`${name}: ${read} of ${all}`)
  }
})
