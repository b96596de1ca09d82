// JSON that can be read one way only: no key twice, no other spelling of a string or a number. White space is free.
// RFC 8259; RFC 7493 §2.3 (no duplicate names)

import { err, ok, type Result } from '@scop/result'

export type JsonError = { readonly kind: 'bad-json' }

export function parseStrictJson(text: string): Result<unknown, JsonError> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return err({ kind: 'bad-json' })
  }
  // A key that stands twice, `\u0041` for `A`, `1.0` for `1`: all of them are printed otherwise than they were read.
  return JSON.stringify(value) === withoutWhiteSpace(text) ? ok(value) : err({ kind: 'bad-json' })
}

/** Two spaces per level, a line feed at the end. */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function withoutWhiteSpace(text: string): string {
  return text.replace(STRING_OR_SPACE, (found) => (found.startsWith('"') ? found : ''))
}

const STRING_OR_SPACE = /"(?:[^"\\]|\\.)*"|[ \t\r\n]+/g
