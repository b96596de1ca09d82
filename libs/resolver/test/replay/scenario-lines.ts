// The lines of a scenario, one at a time, without comments; and what holds for those that follow.

import { type Name, parseName, ROOT } from '@scop/dns'
import type { Dialect } from './scenario.ts'

/** Thrown by `fail`, and caught where reading began. */
export class Refused extends Error {}

export class Reader {
  readonly #lines: readonly string[]
  line = 0
  origin: Name = ROOT
  defaultTtl = 3600
  dialect: Dialect = 'testbound'

  constructor(text: string) {
    this.#lines = text.split(/\r?\n/)
  }

  raw(): string | undefined {
    return this.#lines[this.line++]
  }

  /** The next line that says something, without its comment, and back one step with `unread`. */
  next(): string | undefined {
    for (let line = this.raw(); line !== undefined; line = this.raw()) {
      const bare = withoutComment(line).trim()
      if (bare !== '') return bare
    }
    return undefined
  }

  unread(): void {
    this.line--
  }

  fail(text: string): never {
    throw new Refused(text)
  }
}

/** Cuts at a `;` or `#` outside quotes. */
export function withoutComment(line: string): string {
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const character = line[i]
    if (character === '\\') i++
    else if (character === '"') quoted = !quoted
    else if (character === ';' && !quoted) return line.slice(0, i)
    else if (character === '#' && !quoted && line.slice(0, i).trim() === '') return ''
  }
  return line
}

export function readDirective(reader: Reader, word: string, words: readonly string[]): boolean {
  if (word === '$ORIGIN') reader.origin = nameOf(reader, words[0] ?? '')
  else if (word === '$TTL') reader.defaultTtl = Number(words[0])
  else return false
  return true
}

export function nameOf(reader: Reader, text: string): Name {
  if (text === '@') return reader.origin
  const name = parseName(text, reader.origin)
  return name.ok ? name.value : reader.fail(`no name: "${text}"`)
}
