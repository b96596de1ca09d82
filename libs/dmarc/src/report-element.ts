// One part of a report as a small tree, and the texts in it: bounded, trimmed, with a word for what is odd.

import type { ReportLimits } from './limits.ts'

export type ReportElement = {
  /** Without the prefix that the report's own elements have. */
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: ReportElement[]
  text: string
}

export type ReportDefect = {
  readonly kind:
    | 'damaged-text' // octets that are not of the charset
    | 'unknown-word'
    | 'upper-case-word'
    | 'missing-element'
    | 'repeated-element' // the first counts
    | 'bad-address'
    | 'bad-number'
    | 'text-cut'
    | 'too-many-results'
    | 'reversed-date-range'
    | 'no-record'
  /** The element, as a path from the record or the report: `row/source_ip`. */
  readonly element: string
}

export type NoteDefect = (kind: ReportDefect['kind'], element: string) => void

export class ElementReader {
  readonly #element: ReportElement | undefined
  readonly #path: string
  readonly #limits: ReportLimits
  readonly #note: NoteDefect

  constructor(element: ReportElement | undefined, path: string, limits: ReportLimits, note: NoteDefect) {
    this.#element = element
    this.#path = path
    this.#limits = limits
    this.#note = note
  }

  get exists(): boolean {
    return this.#element !== undefined
  }

  /** The first child of that name; a reader of nothing where there is none. */
  child(name: string): ElementReader {
    const [first, second] = this.#named(name)
    if (second !== undefined) this.#note('repeated-element', this.#at(name))
    return new ElementReader(first, this.#at(name), this.#limits, this.#note)
  }

  children(name: string, limit: number = this.#limits.results): readonly ElementReader[] {
    const found = this.#named(name)
    if (found.length > limit) this.#note('too-many-results', this.#at(name))
    return found.slice(0, limit).map((one) => new ElementReader(one, this.#at(name), this.#limits, this.#note))
  }

  /** The text of the first child of that name; undefined where there is no such child. */
  text(name: string): string | undefined {
    return this.child(name).own()
  }

  /** As `text`; an empty one is none. */
  filled(name: string): string | undefined {
    const text = this.text(name)
    return text === '' ? undefined : text
  }

  /** As `filled`; none is a defect. */
  required(name: string): string {
    const text = this.filled(name)
    if (text === undefined) this.#note('missing-element', this.#at(name))
    return text ?? ''
  }

  /** As `text`, ASCII letters in lower case. */
  domain(name: string): string | undefined {
    return this.text(name)?.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
  }

  /** One of the words, in any letter case. An empty one is none. */
  word<Word extends string>(name: string, words: Readonly<Record<string, Word>>): Word | undefined {
    const text = this.filled(name)
    if (text === undefined) return undefined
    const lower = text.toLowerCase()
    const word = Object.hasOwn(words, lower) ? words[lower] : undefined
    if (word === undefined) this.#note('unknown-word', this.#at(name))
    else if (text !== lower) this.#note('upper-case-word', this.#at(name))
    return word
  }

  /** A whole number; a fraction is cut off. undefined where there is none. */
  number(name: string, limit: number): number | undefined {
    const digits = NUMBER.exec(this.filled(name) ?? '')?.[1]
    const number = digits === undefined ? undefined : Number(digits)
    return number === undefined || number > limit ? undefined : number
  }

  own(): string | undefined {
    if (this.#element === undefined) return undefined
    const text = this.#element.text.trim()
    if (text.length <= this.#limits.textCharacters) return text
    this.#note('text-cut', this.#path)
    return text.slice(0, this.#limits.textCharacters).toWellFormed().trim()
  }

  #named(name: string): readonly ReportElement[] {
    return this.#element?.children.filter((child) => child.name === name) ?? []
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}/${name}`
  }
}

const NUMBER = /^([0-9]{1,15})(?:\.[0-9]{1,9})?$/
