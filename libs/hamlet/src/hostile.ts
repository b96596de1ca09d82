// A mail with something broken, as attackers and bad programs send it: for the lossless direction and for fuzzing.
// RFC 2046 §5.1 (boundaries); draft-chen-email-mime-ambiguity-defense (where readers differ)

import { decodeLatin1, encodeLatin1 } from '@scop/octets'
import type { Random } from './random.ts'

export const HOSTILE_PRODUCTIONS = [
  'truncated',
  'bare-lf',
  'bare-cr',
  'nul',
  'obs-utext',
  'junk-line',
  'duplicate-field',
  'conflicting-content-type',
  'content-type-line',
  'cut-out',
  'octet-changed',
  'line-doubled',
  'colon-lost',
  'long-line',
  'broken-encoded-word',
  'prefix-boundary',
  'close-delimiter-early',
  'broken-base64',
] as const
export type HostileProduction = (typeof HOSTILE_PRODUCTIONS)[number]

/** One to four things are broken. */
export function makeHostile(
  random: Random,
  whole: Uint8Array,
): { readonly octets: Uint8Array; readonly productions: ReadonlyMap<HostileProduction, number> } {
  const productions = new Map<HostileProduction, number>()
  // One character per octet: what is broken is a matter of octets.
  let text = decodeLatin1(whole)
  for (let count = random.between(1, 4); count > 0; count--) {
    const production = random.of(HOSTILE_PRODUCTIONS)
    productions.set(production, (productions.get(production) ?? 0) + 1)
    text = BREAK[production](random, text)
  }
  return { octets: encodeLatin1(text), productions }
}

type Break = (random: Random, text: string) => string

const BREAK: Readonly<Record<HostileProduction, Break>> = {
  truncated: (random, text) => text.slice(0, random.below(text.length + 1)),
  'bare-lf': (random, text) => replaceSome(random, text, '\r\n', '\n'),
  'bare-cr': (random, text) => replaceSome(random, text, '\r\n', '\r'),
  nul: (random, text) => insert(text, random.below(text.length + 1), '\0'),
  'obs-utext': (random, text) =>
    insert(text, random.below(text.length + 1), String.fromCharCode(random.of([1, 7, 11, 12, 27, 31, 127]))),
  'junk-line': (random, text) =>
    insertLine(random, text, random.of(['junk', ':', ' ', '', '\t', 'From x', 'a b: c', '\xff: x'])),
  'duplicate-field': (random, text) =>
    insertLine(random, text, random.of(['From: a@x.test', 'Date: x', 'Subject: =?x?Q?y'])),
  'conflicting-content-type': (random, text) =>
    `Content-Type: ${random.of(['text/html', 'multipart/mixed; boundary=a', 'message/rfc822'])}\r\n${text}`,
  'content-type-line': (random, text) =>
    insertLine(
      random,
      text,
      random.of([
        'Content-Type: multipart/x; boundary=""',
        'Content-Transfer-Encoding: base64',
        'Content-Type: message/rfc822',
      ]),
    ),
  'cut-out': (random, text) => {
    const at = random.below(text.length + 1)
    return text.slice(0, at) + text.slice(at + random.between(1, 60))
  },
  'octet-changed': (random, text) => {
    const at = random.below(text.length + 1)
    return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1)
  },
  'line-doubled': (random, text) => {
    const at = lineStart(random, text)
    const end = text.indexOf('\r\n', at)
    return end < 0 ? text : insert(text, at, text.slice(at, end + 2))
  },
  'colon-lost': (_, text) => text.replace(/:/, ''),
  'long-line': (random, text) => insert(text, lineStart(random, text), 'x'.repeat(random.between(990, 3000))),
  'broken-encoded-word': (random, text) =>
    insertLine(
      random,
      text,
      random.of(['Subject: =?utf-8?B?====?=', 'Subject: =?utf-8?Q?=ZZ?= =?', 'To: =?x-none?Q?=FF?= <a@b>']),
    ),
  'prefix-boundary': (random, text) =>
    text.replace(/\r\n--([^\r\n]+)/, (line: string) => `${line}${random.of(['x', '-', '---', ' x'])}`),
  'close-delimiter-early': (_, text) => text.replace(/\r\n--([^\r\n]+)/, '\r\n--$1--'),
  'broken-base64': (random, text) =>
    insertLine(random, text, random.of(['QUJD=', '====', 'Q', 'QU=JD', 'Q\x80U', '=3', '=\t', '=zz'])),
}

const insert = (text: string, at: number, what: string): string => text.slice(0, at) + what + text.slice(at)
const insertLine = (random: Random, text: string, line: string): string =>
  insert(text, lineStart(random, text), `${line}\r\n`)

function lineStart(random: Random, text: string): number {
  const end = text.indexOf('\r\n', random.below(text.length + 1))
  return end < 0 ? 0 : end + 2
}

function replaceSome(random: Random, text: string, what: string, by: string): string {
  const every = random.between(1, 5)
  return text
    .split(what)
    .map((piece, i) => (i === 0 ? piece : `${i % every === 0 ? by : what}${piece}`))
    .join('')
}
