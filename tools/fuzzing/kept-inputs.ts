// What is kept of a target: `fuzz/findings/<target>-<digest>`, one file for each input that broke it; and
// `fuzz/corpus/<target>.txt`, the inputs that reach its branches, one line each: a JSON string with a character for
// every octet, so that a change of the corpus can be read like a change of code.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Target } from './targets.ts'

export type KeptInput = {
  /** For people: the finding's file, or the corpus and the line. */
  readonly name: string
  readonly octets: Uint8Array
}

/** The findings, then the corpus. */
export function keptInputs(target: Target): readonly KeptInput[] {
  return [...findingsOf(target), ...corpusOf(target)]
}

export function findingsOf({ name, findingsFolder }: Target): readonly KeptInput[] {
  if (!existsSync(findingsFolder)) return []
  const finding = new RegExp(`^${path.basename(name)}-[0-9a-f]{12}$`) // a target's name may begin with another's
  return readdirSync(findingsFolder)
    .filter((file) => finding.test(file))
    .toSorted()
    .map((file) => ({ name: file, octets: new Uint8Array(readFileSync(path.join(findingsFolder, file))) }))
}

/** Throws where the file is not what `saveCorpus` writes. */
export function corpusOf({ name, corpusFile }: Target): readonly KeptInput[] {
  if (!existsSync(corpusFile)) return []
  const lines = readFileSync(corpusFile, 'latin1').split('\n').slice(0, -1)
  return lines.map((line, index) => ({
    name: `${path.basename(name)}.txt:${index + 1}`,
    octets: readLine(line, `${corpusFile}:${index + 1}`),
  }))
}

export function saveCorpus({ corpusFile }: Target, inputs: readonly Uint8Array[]): void {
  mkdirSync(path.dirname(corpusFile), { recursive: true })
  const lines = inputs.map((input) => writeLine(input)).toSorted()
  writeFileSync(corpusFile, lines.map((line) => `${line}\n`).join(''))
}

/** The file that keeps `input`. */
export function saveFinding({ name, findingsFolder }: Target, input: Uint8Array): string {
  const digest = createHash('sha256').update(input).digest('hex').slice(0, 12)
  const file = path.join(findingsFolder, `${path.basename(name)}-${digest}`)
  mkdirSync(findingsFolder, { recursive: true })
  writeFileSync(file, input)
  return file
}

export const equalInputs = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

function writeLine(input: Uint8Array): string {
  return JSON.stringify(Buffer.from(input).toString('latin1')).replace(
    UNPRINTABLE,
    (character) => `\\u00${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

function readLine(line: string, place: string): Uint8Array {
  const text: unknown = JSON.parse(line)
  if (typeof text !== 'string' || /[^\0-\xff]/.test(text)) throw new Error(`Cannot read ${place}: not octets`)
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

const UNPRINTABLE = /[\x7f-\xff]/g
