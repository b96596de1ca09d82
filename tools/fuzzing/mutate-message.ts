// Changes to a whole mail: its headers and those of its parts, boundaries and delimiter lines, parts nested, taken from
// another mail, their bodies encoded anew. RFC 2045 §6, RFC 2046 §5. Texts hold a character for every octet.
// It finds its way by rough patterns, so that it goes on where the parser under test has long given up.

import { type Change, lineEnd, replaceOne, replaceRange, type Source } from './change.ts'
import { HEADER_CHANGES } from './mutate-header.ts'
import { LINE_CHANGES } from './mutate-lines.ts'
import type { Random } from './random.ts'

const PART_CHANGES: Readonly<Record<string, Change>> = {
  changeBoundary: (text, { random }) =>
    replaceOne(
      text,
      BOUNDARY,
      random,
      (_, start = '', value = '') => `${start}"${random.pick(boundariesLike(value, text))}"`,
    ),
  repeatBoundary: (text, { random }) =>
    replaceOne(text, BOUNDARY, random, (all = '', start = '', value = '') => `${all}"; ${start}"${value}x`),
  changeDelimiter: (text, { random }) =>
    replaceOne(text, DELIMITER, random, (line = '') =>
      random.pick([
        `${line} `,
        `${line}\t`,
        `${line}--`,
        line.replace(/--$/, ''),
        `${line}x`,
        ` ${line}`,
        `-${line}`,
        line.slice(1),
        `${line}\0`,
        line.toUpperCase(),
      ]),
    ),
  moveDelimiter: (text, { random }) => {
    const delimiters = [...text.matchAll(DELIMITER)]
    const chosen = delimiters[random.below(delimiters.length)]
    if (chosen === undefined) return text
    const without = random.below(2) === 0 ? text : replaceRange(text, chosen.index, chosen.index + chosen[0].length, '')
    const at = lineStart(without, random)
    return replaceRange(without, at, at, chosen[0] + lineEnd(text))
  },
  leaveDelimiterOut: (text, { random }) => replaceOne(text, DELIMITER_LINE, random, () => ''),
  leavePartOut: (text, { random }) => withPart(text, random, () => ''),
  duplicatePart: (text, { random }) => withPart(text, random, (part) => part + part),
  borrowPart: (text, { random, other }) => {
    const theirs = partsOf(other)
    const borrowed = theirs[random.below(theirs.length)]
    const content = borrowed === undefined ? other : other.slice(borrowed.start, borrowed.end)
    return withPart(
      text,
      random,
      (part) =>
        `${random.below(2) === 0 ? part : ''}${delimiterOf(part)}${lineEnd(text)}${content.replace(DELIMITER_LINE, '')}`,
    )
  },
  nestInMultipart: (text, { random }) => {
    const { header, body } = divide(text)
    const end = lineEnd(text)
    const name = random.pick(['n', 'n'.repeat(70), 'a b', ...boundariesOf(text)])
    const inner = /^content-[^\n]*\n(?:[ \t][^\n]*\n)*/gim
    const moved = header.match(inner)?.join('') ?? ''
    const outer = `${header.replace(inner, '')}Content-Type: multipart/${random.pick(['mixed', 'digest', 'related'])}; boundary="${name}"${end}`
    return `${outer}${end}--${name}${end}${moved}${end}${body}${end}--${name}${random.pick(['--', ''])}${end}`
  },
  nestInMessage: (text, { random }) => {
    const end = lineEnd(text)
    const type = random.pick(['message/rfc822', 'message/global', 'message/rfc822; x=y', 'message/news'])
    const encoding = random.pick([
      '',
      '',
      `Content-Transfer-Encoding: ${random.pick(['8bit', 'base64', 'quoted-printable'])}${end}`,
    ])
    return `Subject: outer${end}Content-Type: ${type}${end}${encoding}${end}${text}`
  },
  putInPart: (text, { random, other }) =>
    withPart(
      text,
      random,
      (part) =>
        `${delimiterOf(part)}${lineEnd(text)}Content-Type: message/rfc822${lineEnd(text)}${lineEnd(text)}${other}${lineEnd(text)}`,
    ),
  encodeBody: (text, { random }) => {
    const { header, empty, body } = divide(text)
    const end = lineEnd(text)
    const encoding = random.pick(['base64', 'quoted-printable', 'x-uuencode'])
    const field = `Content-Transfer-Encoding: ${encoding}${end}`
    const rest = header.replace(/^content-transfer-encoding:[^\n]*\n(?:[ \t][^\n]*\n)*/gim, '')
    return `${rest}${field}${empty}${ENCODERS[encoding]?.(body, end) ?? body}`
  },
  splice: (text, { random, other }) => text.slice(0, lineStart(text, random)) + other.slice(lineStart(other, random)),
}

/** One change, of a header as often as of the parts, of lines now and then. */
export function changeMessage(text: string, source: Source): string {
  const { random } = source
  const choice = random.below(9)
  if (choice < 4) return inHeader(text, random, (header) => random.pick(Object.values(HEADER_CHANGES))(header, source))
  if (choice < 8) return random.pick(Object.values(PART_CHANGES))(text, source)
  return random.pick(Object.values(LINE_CHANGES))(text, source)
}

export { PART_CHANGES }

type Divided = { readonly header: string; readonly empty: string; readonly body: string }

/** At the first empty line. */
function divide(text: string): Divided {
  const match = /(?<![^\n])\r?\n/.exec(text) // no flag m: it lets a line begin after a CR
  if (match === null) return { header: text, empty: '', body: '' }
  return { header: text.slice(0, match.index), empty: match[0], body: text.slice(match.index + match[0].length) }
}

/** Changes the header of the mail, or of one of its parts. */
function inHeader(text: string, random: Random, change: (header: string) => string): string {
  const starts = [0, 0, ...[...text.matchAll(DELIMITER_LINE)].map((match) => match.index + match[0].length)]
  const start = random.pick(starts)
  const { header } = divide(text.slice(start))
  return replaceRange(text, start, start + header.length, change(header))
}

type Part = { readonly start: number; readonly end: number }

/** From one delimiter line to the next. */
function partsOf(text: string): readonly Part[] {
  const starts = [...text.matchAll(DELIMITER_LINE)].map((match) => match.index)
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? text.length }))
}

function withPart(text: string, random: Random, change: (part: string) => string): string {
  const parts = partsOf(text)
  const part = parts[random.below(parts.length)]
  return part === undefined ? text : replaceRange(text, part.start, part.end, change(text.slice(part.start, part.end)))
}

const delimiterOf = (part: string): string => /^--[^\r\n]*/.exec(part)?.[0] ?? '--'
const boundariesOf = (text: string): readonly string[] => [...text.matchAll(BOUNDARY)].map((match) => match[2] ?? '')
const boundariesLike = (value: string, text: string): readonly string[] => [
  ...boundariesOf(text),
  `${value}x`,
  value.slice(0, -1),
  `${value} `,
  `${value}--`,
  value.toUpperCase(),
  '',
  'b'.repeat(71),
  `=?utf-8?q?${value}?=`,
]

function lineStart(text: string, random: Random): number {
  return text.lastIndexOf('\n', random.below(text.length + 1)) + 1
}

const ENCODERS: Readonly<Record<string, (body: string, end: string) => string>> = {
  base64: (body, end) =>
    Buffer.from(body, 'latin1')
      .toString('base64')
      .replace(/.{1,76}/g, (line) => line + end),
  'quoted-printable': (body, end) =>
    body
      .replace(
        /[=\x80-\xff]|[ \t](?=\r?\n)/g,
        (one) => `=${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
      )
      .replace(/[^\r\n]{70}(?=[^\r\n])/g, (line) => `${line}=${end}`),
  'x-uuencode': (body, end) =>
    `begin 644 f${end}${body.replace(/[^]{1,45}/g, (piece) => uuLine(piece) + end)}\`${end}end${end}`,
}

function uuLine(piece: string): string {
  const octets = Buffer.from(piece, 'latin1')
  const coded = (six: number): string => String.fromCharCode(six === 0 ? 0x60 : 0x20 + six)
  let line = coded(octets.length)
  for (let at = 0; at < octets.length; at += 3) {
    const bits = ((octets[at] ?? 0) << 16) | ((octets[at + 1] ?? 0) << 8) | (octets[at + 2] ?? 0)
    line += [18, 12, 6, 0].map((shift) => coded((bits >> shift) & 63)).join('')
  }
  return line
}

const BOUNDARY = /(boundary\*?=)"?([^";\s]{0,70})/gi
const DELIMITER = /^--[^\r\n]+/gm
const DELIMITER_LINE = /^--[^\r\n]+\r?\n/gm
