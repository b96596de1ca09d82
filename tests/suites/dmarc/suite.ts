// Every report below a folder: passed where it is read to the right numbers (those of the JSON beside it, and those that a
// second opinion finds in its text), or refused for a reason that the second opinion cannot deny.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describeReportError, readReport, type ReadReport, REPORT_LIMITS } from '@scop/dmarc'
import { unfold } from '@scop/dmarc/node'
import { decodeCharset, parseMessage, walkParts } from '@scop/mime'
import { decodedPart } from './decoded-part.ts'
import { expectationDiffers, failureDiffers } from './expected.ts'
import { numbersDiffer, objection } from './second-opinion.ts'

export type Outcome = {
  /** Relative to the folder, with `/`. */
  readonly file: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** What was read, or why it was refused; of a failure what is wrong. */
  readonly reason: string
}

export function runSuite(folder: string): readonly Outcome[] {
  const names = statSync(folder).isDirectory() ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : ['']
  return names.toSorted().flatMap((name) => {
    const whole = path.join(folder, name)
    if (!statSync(whole).isFile() || isExpectation(whole)) return []
    const file = (name === '' ? path.basename(folder) : name).split(path.sep).join('/')
    return [{ file, ...runFile(whole) }]
  })
}

function runFile(whole: string): Omit<Outcome, 'file'> {
  const octets = new Uint8Array(readFileSync(whole))
  if (!couldBeReport(whole, octets)) return { result: 'skipped', reason: 'no report by its name or its octets' }
  const read = readReport(octets, unfold)
  if (!read.ok) {
    const wrong = objection(read.error, innermost(octets))
    const said = `refused: ${describeReportError(read.error)}`
    return wrong === undefined
      ? { result: 'passed', reason: said }
      : { result: 'failed', reason: `${said}, but ${wrong}` }
  }
  const differences = differencesOf(whole, octets, read.value)
  return differences.length > 0
    ? { result: 'failed', reason: differences.join('; ') }
    : { result: 'passed', reason: summary(read.value) }
}

function differencesOf(whole: string, octets: Uint8Array, read: ReadReport): readonly string[] {
  const [expectation] = expectationsBeside(whole).filter((one) => existsSync(one))
  const json: unknown = expectation === undefined ? undefined : JSON.parse(readFileSync(expectation, 'utf8'))
  if (read.failure !== undefined) {
    const { report } = read.failure
    const missing = report.reportedDomains.length === 0 && report.sourceIp === undefined && json === undefined
    return json === undefined ? (missing ? ['nothing was read'] : []) : (failureDiffers(report, json) ?? [])
  }
  const documents = documentsIn(octets)
  return read.aggregates.flatMap(({ report }, n) => {
    const document = documents[n]
    if (document === undefined) return [`report ${n}: not in the text`]
    const expected = json === undefined ? undefined : expectationDiffers(report, json)
    return [...numbersDiffer(report, document), ...(expected ?? [])]
  })
}

/** The texts with a feedback element, in their order: of the octets, the archive or the mail's parts. */
function documentsIn(octets: Uint8Array): readonly string[] {
  const unfolded = unfold(octets, REPORT_LIMITS)
  const texts = (unfolded.ok ? unfolded.value : []).map((one) => decodeCharset(one, charsetOf(one)).text)
  const found = texts.filter((text) => /^\s*</.test(text) && /<(?:\w+:)?feedback[\s>]/.test(text))
  if (found.length > 0) return found
  const leaves = [...walkParts(parseMessage(octets).root)].filter(({ content }) => content.kind === 'leaf')
  return leaves.flatMap((part) => {
    const body = decodedPart(octets, part)
    return body.length < octets.length ? documentsIn(body) : []
  })
}

/** What a refusal is about: the octets, or what the archive holds. */
function innermost(octets: Uint8Array): Uint8Array {
  const unfolded = unfold(octets, REPORT_LIMITS)
  return unfolded.ok && unfolded.value.length === 1 ? (unfolded.value[0] ?? octets) : octets
}

const charsetOf = (octets: Uint8Array): string => (octets[1] === 0 || octets[1] === 0xfe ? 'utf-16le' : 'utf-8')

/** JSON beside a report of the same name is what is expected of it; JSON alone is a file like any other. */
function isExpectation(whole: string): boolean {
  if (!whole.endsWith('.json')) return false
  const stem = whole.slice(0, -'.json'.length)
  return REPORT_ENDINGS.some((ending) => existsSync(`${stem}${ending}`) || existsSync(stem))
}

function expectationsBeside(whole: string): readonly string[] {
  const ending = REPORT_ENDINGS.find((one) => whole.endsWith(one))
  return [`${whole}.json`, ...(ending === undefined ? [] : [`${whole.slice(0, -ending.length)}.json`])]
}

function couldBeReport(whole: string, octets: Uint8Array): boolean {
  if (REPORT_ENDINGS.some((ending) => whole.toLowerCase().endsWith(ending)) || whole.endsWith('.json')) return true
  const start = Buffer.from(octets.subarray(0, 2048)).toString('latin1')
  return /^(?:\x1f\x8b|PK\x03\x04|(?:\xef\xbb\xbf)?\s*<\?xml|\s*<(?:\w+:)?feedback|From |[A-Za-z][A-Za-z0-9-]*:[ \t][^\n]*\n(?:[A-Za-z][A-Za-z0-9-]*:|[ \t]))/.test(
    start,
  )
}

function summary({ aggregates, failure, refused }: ReadReport): string {
  if (failure !== undefined) return `failure report about ${failure.report.reportedDomains.join(', ') || 'no domain'}`
  const all = aggregates.map(({ report, defects }) => {
    const odd = defects.length === 0 ? '' : ` (odd: ${[...new Set(defects.map(({ kind }) => kind))].join(', ')})`
    return `${report.policy.domain} by ${report.organization}, ${report.records.length} records${odd}`
  })
  return [...all, ...refused.map((error) => `beside it ${describeReportError(error)}`)].join('; ')
}

const REPORT_ENDINGS = ['.xml', '.gz', '.zip', '.eml']
