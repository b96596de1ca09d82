// The text form of Unbound's testbound (.rpl, .crpl), with the words that Deckard and Knot Resolver add.

import { err, ok, type Result } from '@scop/result'
import { readEntry } from './read-entry.ts'
import {
  type Dialect,
  type Entry,
  type Range,
  type Scenario,
  type ScenarioError,
  type Setting,
  type Step,
  STEP_KINDS,
  STEP_SYNONYMS,
} from './scenario.ts'
import { readDirective, Reader, Refused } from './scenario-lines.ts'

/** Reads a whole file. */
export function parseScenario(text: string): Result<Scenario, ScenarioError> {
  const reader = new Reader(text)
  try {
    return ok(readScenario(reader))
  } catch (error) {
    if (error instanceof Refused) return err({ line: reader.line, text: error.message })
    throw error
  }
}

/** The configuration alone, which tells whether the rest is for us; empty where it cannot be read. */
export function parseScenarioConfig(text: string): readonly Setting[] {
  try {
    return readConfig(new Reader(text), new Map(), new Map())
  } catch (error) {
    if (error instanceof Refused) return []
    throw error
  }
}

function readScenario(reader: Reader): Scenario {
  const files = new Map<string, readonly string[]>()
  const autotrust = new Map<string, readonly string[]>()
  const config = readConfig(reader, files, autotrust)
  reader.dialect = dialectOf(config)
  const ranges: Range[] = []
  const steps: Step[] = []
  let title = ''
  for (;;) {
    const line = reader.next()
    if (line === undefined) return reader.fail('no SCENARIO_END')
    const [word = '', ...words] = line.split(/\s+/)
    if (word === 'SCENARIO_BEGIN') title = line.slice(word.length).trim()
    else if (word === 'SCENARIO_END') break
    else if (word === 'RANGE_END')
      continue // one too many
    else if (word === 'RANGE_BEGIN') ranges.push(readRange(reader, words))
    else if (word === 'STEP') steps.push(readStep(reader, words))
    else if (!readDirective(reader, word, words)) reader.fail(`not understood: "${line}"`)
  }
  if (steps.length === 0) return reader.fail('no steps')
  for (const [i, step] of steps.entries()) {
    if (step.number <= (steps[i - 1]?.number ?? -1)) reader.fail(`step ${step.number} is not after the one before`)
  }
  return { title, dialect: reader.dialect, config, files, autotrust, ranges, steps }
}

/** Deckard's keys stand without the section that Unbound wants for them, or have names of its own. */
function dialectOf(config: readonly Setting[]): Dialect {
  const own = config.some(({ section, key }) => section === 'server' && DECKARD_KEYS.has(key))
  const zones = config.some(({ section }) => section !== 'server' && section !== 'commandline')
  const bare = config.every(({ instance, section }) => instance === 0 && section !== 'commandline')
  return (own || bare) && !zones ? 'deckard' : 'testbound'
}

function readConfig(
  reader: Reader,
  files: Map<string, readonly string[]>,
  autotrust: Map<string, readonly string[]>,
): readonly Setting[] {
  const settings: Setting[] = []
  let section = 'server'
  let instance = 0
  for (;;) {
    const line = reader.raw()
    if (line === undefined) return reader.fail('no CONFIG_END')
    const bare = line.trim()
    if (bare.startsWith('CONFIG_END')) return settings
    if (bare.startsWith(';') || bare.startsWith('#') || bare === '') continue
    const [first = '', second = '', ...more] = bare.split(/\s+/)
    if (first === 'AUTOTRUST_FILE') {
      autotrust.set(second, readUntil(reader, 'AUTOTRUST_END'))
    } else if (first === 'TEMPFILE_NAME') {
      files.set(second, [])
    } else if (first === 'TEMPFILE_CONTENTS') {
      files.set(second, readUntil(reader, 'TEMPFILE_END'))
    } else if (first === 'COMMANDLINE') {
      settings.push({ section: 'commandline', instance: 0, key: second, values: more })
    } else if (bare.startsWith('SCENARIO_BEGIN')) {
      reader.unread()
      return settings
    } else {
      for (const { key, values } of keysOf(bare)) {
        if (values.length === 0 && SECTIONS.has(key)) {
          section = key
          instance++
        } else settings.push({ section, instance, key, values })
      }
    }
  }
}

/** `key: value … key: value`, quotes taken off. */
function keysOf(line: string): readonly { readonly key: string; readonly values: readonly string[] }[] {
  const found: { key: string; values: string[] }[] = []
  for (const [token] of line.matchAll(/"[^"]*"|'[^']*'|#.*$|(?<=\s);.*$|[a-z][a-z0-9-]*:(?=["'])|[^\s"'#]+/g)) {
    if (token.startsWith('#') || token.startsWith(';')) break
    const values = found.at(-1)?.values
    if (
      /^[a-z][a-z0-9-]*:$/i.test(token) &&
      (values === undefined || values.length > 0 || isSection(found.at(-1)?.key))
    )
      found.push({ key: token.slice(0, -1), values: [] })
    else values?.push(/^["']/.test(token) ? token.slice(1, -1) : token)
  }
  return found
}

function isSection(key: string | undefined): boolean {
  return key !== undefined && SECTIONS.has(key)
}

function readUntil(reader: Reader, end: string): readonly string[] {
  const lines: string[] = []
  for (;;) {
    const line = reader.raw()
    if (line === undefined) return reader.fail(`no ${end}`)
    if (line.trim().startsWith(end)) return lines
    lines.push(line)
  }
}

function readRange(reader: Reader, words: readonly string[]): Range {
  const [from, to] = words.slice(0, 2).map(Number)
  if (from === undefined || to === undefined || Number.isNaN(from + to)) reader.fail('RANGE_BEGIN wants two numbers')
  const addresses = words.slice(2, 3)
  const entries: Entry[] = []
  for (;;) {
    const line = reader.next()
    if (line === undefined) return reader.fail('no RANGE_END')
    const [word = '', ...more] = line.split(/\s+/)
    if (word === 'RANGE_END') return { from, to, addresses, entries }
    if (word === 'ADDRESS') addresses.push(more[0] ?? '')
    else if (word === 'ENTRY_BEGIN') entries.push(readEntry(reader))
    else if (!readDirective(reader, word, more)) reader.fail(`not understood in a range: "${line}"`)
  }
}

function readStep(reader: Reader, words: readonly string[]): Step {
  const [number, kind, ...rest] = words
  const known = STEP_KINDS.find((each) => each === (STEP_SYNONYMS.get(kind ?? '') ?? kind))
  if (known === undefined) return reader.fail(`no such step: "${kind ?? ''}"`)
  const line = reader.line
  let address = rest[0] === 'ADDRESS' ? rest[1] : undefined
  let entry: Entry | undefined
  let lines: readonly string[] = []
  for (;;) {
    const next = reader.next()
    if (next === undefined) return reader.fail('no SCENARIO_END')
    const [word = '', ...more] = next.split(/\s+/)
    if (word === 'ADDRESS') address = more[0]
    else if (word === 'ENTRY_BEGIN') entry = readEntry(reader)
    else if (word === 'FILE_BEGIN') lines = readUntil(reader, 'FILE_END')
    else if (!readDirective(reader, word, more)) {
      reader.unread()
      return { number: Number(number), kind: known, address, entry, words: rest, lines, line }
    }
  }
}

const SECTIONS: ReadonlySet<string> = new Set([
  'server',
  'stub-zone',
  'forward-zone',
  'auth-zone',
  'rpz',
  'view',
  'cachedb',
  'python',
  'dynlib',
  'remote-control',
  'dnstap',
  'dnscrypt',
  'ipset',
])
const DECKARD_KEYS: ReadonlySet<string> = new Set([
  'stub-addr',
  'forward-addr',
  'query-minimization',
  'val-override-timestamp',
  'force-ipv6',
  'features',
  'feature-list',
])
