// The SPF test suites as their YAML writes them: scenarios of a zone and tests, each with the results that are right.
// A zone's record is told for both types where only SPF is written, as the suites' own drivers do; RFC 7208 asks for TXT alone.

import { parseIpAddress } from '@scop/identifiers'
import { encodeLatin1 } from '@scop/octets'
import { expectOk } from '@scop/result'
import { checkHost, runCheck, type SpfAnswer, type SpfQuestion } from '@scop/spf'
import * as v from 'valibot'
import { parseAllDocuments } from 'yaml'

export type Outcome =
  | { readonly name: string; readonly result: 'passed' }
  | { readonly name: string; readonly result: 'failed' | 'skipped'; readonly reason: string }

const TEXT = v.pipe(
  v.union([v.string(), v.number(), v.boolean()]),
  v.transform((value) => String(value)),
)
const TEST = v.looseObject({
  host: TEXT,
  helo: v.optional(v.nullable(TEXT)),
  mailfrom: v.nullable(TEXT),
  result: v.union([TEXT, v.array(TEXT)]),
  explanation: v.optional(v.nullable(TEXT)),
  receiver: v.optional(TEXT),
  skip: v.optional(v.unknown()),
  strict: v.optional(v.number()),
  'default-explanation': v.optional(TEXT),
})
const SCENARIO = v.looseObject({
  description: v.optional(TEXT),
  tests: v.record(v.string(), TEST),
  zonedata: v.nullable(v.record(v.string(), v.nullable(v.array(v.unknown())))),
})

export async function runSuite(text: string): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const document of parseAllDocuments(text, { strict: false, uniqueKeys: false })) {
    if (!('contents' in document) || document.contents === null) continue
    if (!document.has('tests')) continue // a zone alone
    const scenario = v.parse(SCENARIO, document.toJS({ maxAliasCount: 1000 }))
    const data = scenario.zonedata ?? {}
    const lengthen = lengthener(Object.keys(data))
    const zone = readZone(data, lengthen)
    for (const [name, test] of Object.entries(scenario.tests)) outcomes.push(await runTest(name, test, zone, lengthen))
  }
  return outcomes
}

async function runTest(
  name: string,
  test: v.InferOutput<typeof TEST>,
  zone: Zone,
  lengthen: (text: string) => string,
): Promise<Outcome> {
  const allowed = [test.result].flat().map((word) => word.toLowerCase())
  const foreign = allowed.find((word) => !RESULTS.has(word))
  if (foreign !== undefined)
    return { name, result: 'skipped', reason: `"${foreign}" is no result of RFC 7208 (a library's own mode)` }
  if (test.strict === 0) return { name, result: 'skipped', reason: "a library's own lax mode (strict: 0)" }
  const mailfrom = test.mailfrom ?? ''
  const at = mailfrom.lastIndexOf('@')
  const helo = test.helo ?? ''
  const outcome = await runCheck(
    checkHost({
      client: expectOk(parseIpAddress(test.host.trim()), `read ${test.host}`),
      helo,
      mailFrom:
        mailfrom === ''
          ? undefined
          : { localPart: mailfrom.slice(0, Math.max(at, 0)), domain: lengthen(mailfrom.slice(at + 1)) },
      receiver: test.receiver ?? 'receiver.example',
      nowSeconds: 1_700_000_000,
    }),
    async (question) => zone.answer(question),
  )
  const failed = (reason: string): Outcome => ({ name, result: 'failed', reason })
  if (!allowed.includes(outcome.result)) return failed(`expected ${allowed.join(' or ')}, got ${outcome.result}`)
  const wanted = test.explanation
  if (wanted === undefined || wanted === null || outcome.result !== 'fail') return { name, result: 'passed' }
  const got = outcome.explanation
  // DEFAULT: the checker's own words, so the domain has none.
  if (wanted === 'DEFAULT' || wanted === test['default-explanation'])
    return got === undefined ? { name, result: 'passed' } : failed(`expected no explanation, got "${got}"`)
  return got === wanted ? { name, result: 'passed' } : failed(`expected "${wanted}", got "${got ?? 'no explanation'}"`)
}

type Entry = { readonly type: string; readonly value: unknown }

class Zone {
  readonly #entries: ReadonlyMap<string, readonly Entry[]>

  constructor(entries: ReadonlyMap<string, readonly Entry[]>) {
    this.#entries = entries
  }

  /** In the order of the entries: what stands before a TIMEOUT is found. */
  answer({ name, type }: SpfQuestion, aliases = 0): SpfAnswer {
    const entries = this.#entries.get(name.toLowerCase())
    if (entries === undefined) return { kind: 'no-such-record' }
    const alias = entries.find((entry) => entry.type === 'CNAME')
    if (alias !== undefined && aliases < MOST_ALIASES)
      return this.answer({ name: String(alias.value).replace(/\.$/, ''), type }, aliases + 1)
    const found: Entry[] = []
    for (const entry of entries) {
      if (entry.type === 'TIMEOUT' || entry.type === 'SERVFAIL') {
        if (found.length === 0) return { kind: 'temporary-failure' }
        break
      }
      if (entry.type === type && !isNone(entry.value)) found.push(entry)
    }
    if (found.length === 0) return { kind: 'no-such-record' }
    if (type === 'TXT') return { kind: 'texts', texts: found.map(({ value }) => encodeLatin1(joined(value))) }
    if (type !== 'MX') return { kind: 'records', records: found.map(({ value }) => String(value)) }
    const exchanges = found.map(({ value }) => v.parse(EXCHANGE, value))
    return {
      kind: 'records',
      records: exchanges.toSorted((a, b) => a[0] - b[0]).map(([, host]) => host),
    }
  }
}

function readZone(
  data: { readonly [name: string]: readonly unknown[] | null },
  lengthen: (text: string) => string,
): Zone {
  const entries = new Map<string, Entry[]>()
  for (const [written, list] of Object.entries(data)) {
    const read: Entry[] = (list ?? []).flatMap((item): Entry[] => {
      if (item === 'TIMEOUT') return [{ type: 'TIMEOUT', value: true }]
      if (typeof item !== 'object' || item === null) return [{ type: String(item), value: '' }]
      return Object.entries(item).map(([type, value]: [string, unknown]) => ({
        type,
        value: typeof value === 'string' ? lengthen(value) : type === 'MX' ? lengthenExchange(value, lengthen) : value,
      }))
    })
    const hasText = read.some(({ type }) => type === 'TXT')
    const told = hasText ? read : read.map((entry) => (entry.type === 'SPF' ? { ...entry, type: 'TXT' } : entry))
    const name = lengthen(written.toLowerCase().replace(/\.$/, ''))
    entries.set(name, [...(entries.get(name) ?? []), ...told])
  }
  return new Zone(entries)
}

/** Some suites write zones of one label, which no domain-spec can name (RFC 7208 §7.1): they are read as below `.test`. */
function lengthener(names: readonly string[]): (text: string) => string {
  const short = new Set(names.filter((name) => !name.includes('.')))
  if (short.size === 0) return (text) => text
  return (text) =>
    text.replace(/(^|[:=])([A-Za-z0-9-]+)(?=$|[ /])/g, (whole, before: string, name: string) =>
      short.has(name) ? `${before}${name}.test` : whole,
    )
}

function lengthenExchange(value: unknown, lengthen: (text: string) => string): readonly [number, string] {
  const [preference, host] = v.parse(EXCHANGE, value)
  return [preference, lengthen(host)]
}

const EXCHANGE = v.pipe(
  v.union([v.tuple([v.number(), v.string()]), v.string()]),
  v.transform((value): readonly [number, string] => (typeof value === 'string' ? [0, value] : value)),
)
const isNone = (value: unknown): boolean => value === 'NONE'
/** YAML's escapes for octets above 127 are code points of the same number. */
const joined = (value: unknown): string => (Array.isArray(value) ? value.map(String).join('') : String(value))

const RESULTS = new Set(['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror'])
const MOST_ALIASES = 10
