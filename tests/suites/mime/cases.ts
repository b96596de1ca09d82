// Which files of a folder are expected parses, and in which form. A message and what is expected of it lie side by side:
//   x.eml, x.json, x.crlf.json     mail-parser: the message with LF, and with CRLF
//   address.json, date.json, …     mail-parser: lists of field values
//   x.msg, x.xml, x_decoded.xml (with x_decoded_1_2.txt …), x.out     mime4j

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { compare, type Difference } from './compare.ts'
import {
  decodedJson,
  eventsJson,
  levelEvents,
  levelMeaning,
  meaningJson,
  readDecoded,
  readEvents,
  withJunkAsBody,
} from './mime4j.ts'
import { isFieldVectors, isKnownList, readFieldVectors } from './stalwart-fields.ts'
import { isMessageForm } from './stalwart-form.ts'
import { messageJson } from './stalwart-message.ts'
import { levelMessage } from './stalwart-rules.ts'

export type Case = {
  /** Relative to the folder, with `/`. */
  readonly file: string
  readonly path: string
  readonly form: 'message' | 'fields' | 'events' | 'decoded' | 'written-again'
  /** Where the expected parse and our own differ. */
  run(): readonly Difference[]
}
export type Skipped = { readonly file: string; readonly reason: string }

/** All expected parses below `folder`, sorted. JSON of other sets is skipped. */
export function findCases(folder: string): { readonly cases: readonly Case[]; readonly skipped: readonly Skipped[] } {
  const cases: Case[] = []
  const skipped: Skipped[] = []
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const found = caseOf(folder, name)
    if (found === undefined) continue
    if ('reason' in found) skipped.push(found)
    else cases.push(found)
  }
  return { cases, skipped }
}

function caseOf(folder: string, name: string): Case | Skipped | undefined {
  const whole = path.join(folder, name)
  const file = name.split(path.sep).join('/')
  const stem = whole.replace(/(?:\.crlf)?\.json$|(?:_decoded)?\.xml$|\.out$/, '')
  if (name.endsWith('.json')) {
    const message = `${stem}.eml`
    if (existsSync(message)) return messageCase(file, whole, message, name.endsWith('.crlf.json'))
    return fieldsCase(file, whole, path.basename(name, '.json'))
  }
  const message = `${stem}.msg`
  if (!existsSync(message)) return undefined
  if (name.endsWith('_decoded.xml')) {
    return { file, path: whole, form: 'decoded', run: () => decodedDifferences(whole, message) }
  }
  if (name.endsWith('.xml')) return { file, path: whole, form: 'events', run: () => eventDifferences(whole, message) }
  return name.endsWith('.out')
    ? { file, path: whole, form: 'written-again', run: () => meaningDifferences(whole, message) }
    : undefined
}

function messageCase(file: string, whole: string, message: string, crlf: boolean): Case | Skipped {
  const expected = readJson(whole)
  if (expected !== undefined && !isMessageForm(expected)) return { file, reason: "not a message in mail-parser's form" }
  return {
    file,
    path: whole,
    form: 'message',
    run() {
      if (expected === undefined) throw new Error(`Cannot read ${file}: it is no JSON`)
      const text = readFileSync(message, 'latin1')
      // The form was made from the message without its CRs, and with a CR before each LF that has none.
      const octets = octetsOf(crlf ? text.replaceAll(/\r?\n/g, '\r\n') : text.replaceAll('\r', ''))
      const ours = messageJson(octets, expected)
      return compare(levelMessage(expected, ours), ours)
    },
  }
}

function fieldsCase(file: string, whole: string, list: string): Case | Skipped | undefined {
  const vectors = readJson(whole)
  if (!isFieldVectors(vectors)) return undefined
  if (!isKnownList(list)) return { file, reason: `no reader for a list called "${list}"` }
  return {
    file,
    path: whole,
    form: 'fields',
    run() {
      const { expected, ours } = readFieldVectors(list, vectors)
      return expected.flatMap((value, place) => compare(value, ours[place], `[${place}]`))
    },
  }
}

function eventDifferences(whole: string, message: string): readonly Difference[] {
  const ours = eventsJson(readMessage(message))
  return compare(levelEvents(readEvents(readFileSync(whole, 'latin1')), ours), ours)
}

function decodedDifferences(whole: string, message: string): readonly Difference[] {
  const beside = (name: string): Uint8Array | undefined => {
    const file = path.join(path.dirname(whole), path.basename(name))
    return existsSync(file) ? readFileSync(file) : undefined
  }
  const ours = decodedJson(readMessage(message))
  return compare(levelEvents(readDecoded(readFileSync(whole, 'latin1'), beside), ours), ours)
}

function meaningDifferences(whole: string, message: string): readonly Difference[] {
  const ours = meaningJson(readMessage(message))
  return compare(levelMeaning(meaningJson(octetsOf(readFileSync(whole, 'latin1'))), ours), ours)
}

/** Rule `malformed-header-starts-body`: the parses of messages so called were made with that setting. */
function readMessage(file: string): Uint8Array {
  const octets = octetsOf(readFileSync(file, 'latin1'))
  return path.basename(file).startsWith('malformedHeaderStartsBody') ? withJunkAsBody(octets) : octets
}

const octetsOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
