// The ARC test suites as their YAML writes them: scenarios of messages with the status of their chain, or with the three
// fields that sealing must give. Tests of one name stand twice in some scenarios; each of them runs.

import { createPrivateKey } from 'node:crypto'
import { type ChainResult, startSealing, startValidating } from '@scop/arc'
import { type KeyAnswer, parseSelector } from '@scop/dkim'
import { parseDomainName } from '@scop/identifiers'
import { fieldsNamed, type HeaderSection, parseHeaderSection } from '@scop/mime'
import { decodeUtf8, encodeUtf8 } from '@scop/octets'
import { expectOk } from '@scop/result'
import * as v from 'valibot'
import { isMap, parseAllDocuments, type YAMLMap } from 'yaml'

export type Outcome = { readonly name: string } & (
  | { readonly result: 'passed' }
  | { readonly result: 'failed'; readonly reason: string }
)

const TEXT = v.pipe(
  v.union([v.string(), v.number()]),
  v.transform((value) => String(value)),
)
const VALIDATION = v.looseObject({ message: v.string(), cv: TEXT })
const SIGNING = v.looseObject({
  message: v.string(),
  t: TEXT,
  'sig-headers': v.string(),
  'srv-id': v.string(),
  AS: v.string(),
  AMS: v.string(),
  AAR: v.string(),
})
const KEYS = v.looseObject({
  domain: v.optional(v.string()),
  sel: v.optional(v.string()),
  privatekey: v.optional(v.string()),
  'txt-records': v.optional(v.nullable(v.record(v.string(), v.string()))),
})

export function runSuite(text: string): readonly Outcome[] {
  const outcomes: Outcome[] = []
  for (const document of parseAllDocuments(text, { uniqueKeys: false, strict: false })) {
    if (!('contents' in document) || !isMap(document.contents)) continue
    const tests = document.contents.get('tests')
    if (!isMap(tests)) continue
    document.contents.delete('tests') // what remains has each key once
    const scenario = v.parse(KEYS, document.toJS())
    for (const [name, test] of entriesOf(tests)) outcomes.push(runTest(name, test, scenario))
  }
  return outcomes
}

function runTest(name: string, test: unknown, scenario: v.InferOutput<typeof KEYS>): Outcome {
  const validation = v.safeParse(VALIDATION, test)
  if (validation.success) return validate(name, validation.output, scenario['txt-records'] ?? {})
  const signing = v.safeParse(SIGNING, test)
  if (signing.success) return seal(name, signing.output, scenario)
  return { name, result: 'failed', reason: `neither a validation nor a signing test: ${signing.issues[0].message}` }
}

function validate(
  name: string,
  { message, cv }: v.InferOutput<typeof VALIDATION>,
  records: Readonly<Record<string, string>>,
): Outcome {
  // A chain that a sealer found broken: the suite says nothing, RFC 8617 §5.2 step 2 says fail.
  const expected = cv.trim() === '' ? 'fail' : cv.trim().toLowerCase()
  const result = validateMessage(message, records)
  if (result.status === expected) return { name, result: 'passed' }
  const why = 'failure' in result ? `: ${JSON.stringify(result.failure)}` : ''
  return { name, result: 'failed', reason: `expected ${expected}, got ${result.status}${why}` }
}

function validateMessage(message: string, records: Readonly<Record<string, string>>): ChainResult {
  const { header, body } = split(message)
  const validating = startValidating(header)
  validating.update(body)
  return validating.finish(new Map(validating.keyNames.map((name) => [name, answerFrom(records, name)])))
}

function answerFrom(records: Readonly<Record<string, string>>, name: string): KeyAnswer {
  const found = Object.entries(records).find(([owner]) => owner.toLowerCase().replace(/\.$/, '') === name.toLowerCase())
  // The suite folds long records over several lines of text.
  return found === undefined
    ? { kind: 'no-such-record' }
    : { kind: 'texts', texts: [found[1].replace(/\s*\n\s*/g, '')] }
}

function seal(name: string, test: v.InferOutput<typeof SIGNING>, keys: v.InferOutput<typeof KEYS>): Outcome {
  const { header, body } = split(test.message)
  const merged = mergedResults(header, test['srv-id'])
  const status = /(?:^|;)\s*arc=(none|pass|fail)/.exec(merged)?.[1] ?? 'none'
  const sealing = startSealing(header, {
    domain: expectOk(parseDomainName(keys.domain ?? ''), 'read the domain'),
    selector: expectOk(parseSelector(keys.sel ?? ''), 'read the selector'),
    algorithm: 'rsa-sha256',
    privateKey: createPrivateKey(keys.privatekey ?? ''),
    status: v.parse(v.picklist(['none', 'pass', 'fail']), status),
    results: merged,
    signedFields: test['sig-headers'].split(':'),
    nowSeconds: Number(test.t),
  })
  const expected = [test.AS, test.AMS, test.AAR].map(flat)
  if (!sealing.ok) {
    if (expected.every((text) => text === '')) return { name, result: 'passed' }
    return { name, result: 'failed', reason: `refused: ${sealing.error.kind}` }
  }
  sealing.value.update(body)
  const written = sealing.value.finish().map((field) => {
    const text = expectOk(decodeUtf8(field), 'read a field')
    return flat(text.slice(text.indexOf(':') + 1))
  })
  const different = written.findIndex((text, i) => text !== expected[i])
  if (different < 0) return { name, result: 'passed' }
  const reason = `${['AS', 'AMS', 'AAR'][different]}: expected ${expected[different]}, got ${written[different]}`
  return { name, result: 'failed', reason }
}

/** Every result of the given server's fields, in their order. */
function mergedResults(header: HeaderSection, serverId: string): string {
  const results = fieldsNamed(header, 'Authentication-Results').flatMap(({ text }) => {
    const [id = '', ...parts] = text.split(';').map((part) => part.replace(/\s+/g, ' ').trim())
    return id === serverId ? parts.filter((part) => part !== '') : []
  })
  return [serverId, ...results].join('; ')
}

function split(message: string): { readonly header: HeaderSection; readonly body: Uint8Array } {
  const octets = encodeUtf8(message.replace(/\r?\n/g, '\r\n'))
  const { header, bodyStart } = expectOk(parseHeaderSection(octets), 'read the header')
  return { header, body: octets.subarray(bodyStart) }
}

/** White space says nothing in a tag list, nor in results. */
const flat = (text: string): string => text.replace(/\s+/g, '')

function entriesOf(map: YAMLMap): readonly (readonly [string, unknown])[] {
  return map.items.map((pair) => {
    const value = pair.value
    return [String(pair.key), isMap(value) ? Object.fromEntries(entriesJs(value)) : value]
  })
}

function entriesJs(map: YAMLMap): readonly (readonly [string, unknown])[] {
  return map.items.map(({ key, value }) => {
    const plain: unknown = typeof value === 'object' && value !== null && 'value' in value ? value.value : value
    return [String(key), plain]
  })
}
