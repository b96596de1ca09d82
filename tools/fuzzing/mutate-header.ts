// Changes to header fields: order, number, folding, quoting, comments, encoded words, parameters in sections.
// RFC 5322 §2.2, §3.2.2; RFC 2045 §5.1; RFC 2047 §2; RFC 2231 §3, §4. Texts hold a character for every octet.

import { type Change, lineEnd, replaceOne } from './change.ts'

export const HEADER_CHANGES: Readonly<Record<string, Change>> = {
  swapFields: (text, { random }) =>
    inFields(text, (fields) => {
      const [a, b] = [random.below(fields.length), random.below(fields.length)]
      ;[fields[a], fields[b]] = [fields[b] ?? '', fields[a] ?? '']
    }),
  duplicateField: (text, { random }) =>
    inFields(text, (fields) => {
      const field = fields[random.below(fields.length)] ?? ''
      fields.splice(random.below(fields.length + 1), 0, field)
    }),
  leaveFieldOut: (text, { random }) => inFields(text, (fields) => fields.splice(random.below(fields.length), 1)),
  insertField: (text, { random }) =>
    inFields(text, (fields) => fields.splice(random.below(fields.length + 1), 0, random.pick(FIELDS) + lineEnd(text))),
  borrowField: (text, { random, other }) => {
    const theirs = fieldsOf(other)
    const borrowed = theirs[random.below(theirs.length)] ?? ''
    return inFields(text, (fields) => fields.splice(random.below(fields.length + 1), 0, borrowed))
  },
  fold: (text, { random }) =>
    replaceOne(
      text,
      /[ \t]/g,
      random,
      (space) => `${random.pick(['', ' '])}${lineEnd(text)}${random.pick(FOLDS)}${space}`,
    ),
  foldAnywhere: (text, { random }) =>
    replaceOne(text, /[;:,=<>"()@]/g, random, (special) => `${special}${lineEnd(text)} `),
  unfold: (text, { random }) => replaceOne(text, /\r?\n[ \t]+/g, random, () => random.pick(['', ' '])),
  quote: (text, { random }) => replaceOne(text, PARAMETER, random, (_, name, value) => `${name}="${value}"`),
  unquote: (text, { random }) => replaceOne(text, /"([^"\r\n]*)"/g, random, (_, value = '') => value),
  escape: (text, { random }) =>
    replaceOne(
      text,
      /"([^"\r\n]+)"/g,
      random,
      (_, value = '') => `"${value.replace(/./g, (one) => (random.below(2) === 0 ? `\\${one}` : one))}"`,
    ),
  repeatParameter: (text, { random }) =>
    replaceOne(
      text,
      PARAMETER,
      random,
      (all, name, value) => `${all}; ${name}=${random.pick([`${value}`, `"${value}x"`, 'x', '""'])}`,
    ),
  sections: (text, { random }) =>
    replaceOne(text, PARAMETER, random, (_, name = '', value = '') => {
      const at = random.below(value.length + 1)
      const pieces = [
        `${name}*0${random.pick([`="${value.slice(0, at)}"`, `*=utf-8'en'${percent(value.slice(0, at))}`])}`,
        `${name}*1${random.pick([`="${value.slice(at)}"`, `*=${percent(value.slice(at))}`])}`,
        `${name}*${random.pick(['2=', '02=x', '3=gap', '1=again', '-1=x', '*=', '99999=x'])}`,
      ]
      if (random.below(2) === 0) pieces.reverse()
      return pieces.slice(random.below(2)).join('; ')
    }),
  extended: (text, { random }) =>
    replaceOne(
      text,
      PARAMETER,
      random,
      (_, name = '', value = '') =>
        `${name}*=${random.pick(["utf-8''", "iso-8859-1'de'", "''", "x'", ''])}${percent(value)}${random.pick(['', '%', '%4', '%C3%A9', '%00'])}`,
    ),
  comment: (text, { random }) =>
    replaceOne(text, /[ ;=,:<>@./]/g, random, (place) =>
      random.below(2) === 0 ? `${place}${random.pick(COMMENTS)}` : `${random.pick(COMMENTS)}${place}`,
    ),
  encodeWord: (text, { random }) =>
    replaceOne(text, /[A-Za-z0-9\x80-\xff]{2,}/g, random, (word = '') => {
      const charset = random.pick(['utf-8', 'iso-8859-1', 'utf-7', 'iso-2022-jp', 'x-none', 'utf-8*en', ''])
      const coded = random.pick([
        `q?${word.replace(/[^A-Za-z0-9]|[aeiou]/g, (one) => `=${hexOf(one)}`)}`,
        `b?${Buffer.from(word, 'latin1').toString('base64')}`,
        `B?${word}`,
        `Q?${word}=`,
        `z?${word}`,
      ])
      return `=?${charset}?${coded}${random.pick(['?=', '?==', '?', '?= '])}`
    }),
  changeName: (text, { random }) =>
    replaceOne(text, /^[!-9;-~]+(?=:)/gm, random, (name = '') =>
      random.pick([name.toUpperCase(), name.toLowerCase(), `${name} `, `${name}\t`, `X-${name}`, `${name}\0`]),
    ),
  dropColon: (text, { random }) => replaceOne(text, /^[!-9;-~]+:/gm, random, (name = '') => name.slice(0, -1)),
  changeEncoding: (text, { random }) =>
    replaceOne(text, /\b(?:7bit|8bit|binary|base64|quoted-printable)\b/gi, random, () => random.pick(ENCODINGS)),
  changeType: (text, { random }) =>
    replaceOne(text, /\b(?:text|multipart|message|application|image)\/[\w.+-]+/gi, random, () => random.pick(TYPES)),
}

/** Fields with their continuation lines and line ends. */
export function fieldsOf(header: string): readonly string[] {
  return header.match(/[^\n]+(?:\n(?:[ \t][^\n]*)?)*?(?:\n(?![ \t])|$)/g) ?? []
}

function inFields(header: string, change: (fields: string[]) => unknown): string {
  const fields = [...fieldsOf(header)]
  if (fields.length === 0) return header
  change(fields)
  return fields.join('')
}

const hexOf = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
const percent = (text: string): string => text.replace(/[^A-Za-z0-9]|[aeiou]/g, (one) => `%${hexOf(one)}`)

const PARAMETER = /(?<=[;\s])([\w-]{1,20})="?([^";\s()]{0,80})"?/g
const FOLDS = ['', '\t', ' ', '\r\n ', ' \r\n\t']
const COMMENTS = ['(c)', ' (a (nested) one) ', '(\\))', '()', '(open', ')', '("q")', '(=?utf-8?q?c?=)', '(\xe9)']
const ENCODINGS = [
  '7bit',
  '8bit',
  'binary',
  'base64',
  'quoted-printable',
  'x-uuencode',
  'x-yenc',
  'BASE64 (c)',
  'unknown',
  '"base64"',
  '',
]
const TYPES = [
  'text/plain',
  'text/html',
  'multipart/mixed',
  'multipart/alternative',
  'multipart/digest',
  'multipart/related',
  'multipart/x',
  'message/rfc822',
  'message/global',
  'message/partial',
  'message/delivery-status',
  'message/external-body',
  'application/octet-stream',
  'text',
  '/',
]
const FIELDS = [
  'Content-Type: text/plain; charset=utf-7',
  'Content-Type: multipart/mixed; boundary=b',
  'Content-Type: multipart/digest; boundary="a b"',
  'Content-Type: message/rfc822',
  'Content-Transfer-Encoding: base64',
  'Content-Transfer-Encoding: quoted-printable',
  'Content-Transfer-Encoding: x-uuencode',
  "Content-Disposition: attachment; filename*0*=utf-8''%C3; filename*1*=%A9",
  'Content-ID: <a@b.example>',
  'Content-Language: de, en (c)',
  'MIME-Version: 1.0',
  'MIME-Version: 1.(x)0',
  'From: "a, b" <c@d.example>, Group: e@f.example;',
  'To: undisclosed-recipients:;',
  'Sender: <@a.example,@b.example:c@d.example>',
  'Date: Fri, 21 Nov 97 09(c):55:06 -0600',
  'Message-ID: <"a b"@[c]>',
  'Received: from a (b [192.0.2.1]) by c with ESMTPS id d for <e@f.example>; 1 Jan 2000 00:00 +0000',
  'Return-Path: <>',
  'Subject: =?utf-8?b?w6k=?= =?utf-8?q?=C3?= =?utf-8?q?=A9?=',
  'List-Unsubscribe: <mailto:a@b.example>, <https://c.example/>',
  'List-ID: "L" <l.example>',
  'Authentication-Results: a.example 1; dkim=pass (c) header.d=b.example',
  ': no name',
  'no colon',
  'From mbox Thu Jan  1 00:00:00 1970',
]
