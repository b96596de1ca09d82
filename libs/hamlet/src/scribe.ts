// The hand that writes one mail: draws every choice from one stream of numbers, counts which production it took, and writes
// white space, folds and comments. RFC 5322 §2.2.3 (folding), §3.2.2 (CFWS), §4.2 (obs-FWS)

import { writeEncodedWords } from './encoded-words.ts'
import type { OctetWriter } from './octet-writer.ts'
import { Random } from './random.ts'
import { type Alternative, type Choices, choicesOf, type Group, PRODUCTIONS, type Profile } from './weights.ts'
import { UTF8_WORDS, WORDS } from './words.ts'

/** Where comments go that belong to the value; `words`: encoded words may be among them, and are decoded there. */
export type Comments = { readonly list: string[]; readonly words: boolean }

export class Scribe {
  readonly random: Random
  /** Another one for a while where a message is written to be encoded. */
  out: OctetWriter
  readonly profile: Profile
  readonly #choices: ReadonlyMap<Group, Choices>
  readonly #counts = new Uint32Array(PRODUCTIONS.length)
  /** Boundaries given out so far. */
  #boundaries = 0

  constructor(seed: number, index: number, profile: Profile, out: OctetWriter) {
    this.random = new Random(seed, index)
    this.out = out
    this.profile = profile
    this.#choices = CHOICES[profile]
  }

  choose<G extends Group>(group: G): Alternative<G> {
    const { names, upTo, total, first } = this.#choices.get(group) as Choices // as: every group is there
    const drawn = this.random.below(total)
    let i = 0
    while (drawn >= (upTo[i] as number)) i++ // as: the last one is the total
    this.#counts[first + i] = (this.#counts[first + i] as number) + 1
    return names[i] as Alternative<G> // as: names are those of the group
  }

  /** How often each production was taken. */
  productions(): ReadonlyMap<string, number> {
    const taken = new Map<string, number>()
    this.#counts.forEach((count, i) => {
      if (count > 0) taken.set(PRODUCTIONS[i] as string, count) // as: as many counts as productions
    })
    return taken
  }

  /** 0, 1, 2 …: no two boundaries of a mail begin alike. */
  nextBoundary(): number {
    return this.#boundaries++
  }

  word(): string {
    return this.random.of(WORDS)
  }

  utf8Word(): string {
    return this.random.of(UTF8_WORDS)
  }

  /** Words with single spaces between them. */
  words(least: number, most: number): string {
    let text = this.word()
    for (let more = this.random.between(least, most); more > 1; more--) text += ` ${this.word()}`
    return text
  }

  // [CFWS]: where tokens may touch
  cfws(comments?: Comments): void {
    const { out } = this
    if (out.column > MUST_FOLD) {
      this.fold()
      return
    }
    switch (this.choose('cfws')) {
      case 'none':
        return
      case 'space':
        out.octet(SPACE)
        return
      case 'fold':
        this.fold()
        return
      case 'comment':
        this.comment(comments)
        return
      case 'comment-fold':
        this.comment(comments)
        this.fold()
        return
      case 'obs-fws':
        this.#obsFws()
    }
  }

  // CFWS, where tokens would run together without; a line that is long already is folded
  cfwsNeeded(comments?: Comments, next = 12): void {
    const { out } = this
    if (this.foldIfLong(next) !== undefined) return
    switch (this.choose('cfws-needed')) {
      case 'space':
        out.octet(SPACE)
        return
      case 'tab':
        out.octet(TAB)
        return
      case 'fold':
        this.fold()
        return
      case 'comment':
        out.octet(SPACE)
        this.comment(comments)
        out.octet(SPACE)
        return
      case 'comment-fold':
        this.comment(comments)
        this.fold()
        return
      case 'obs-fws':
        this.#obsFws()
    }
  }

  // FWS, where no comment may stand; answers what is left of it unfolded, for where that is part of the value
  fws(next = 12): string {
    const { out } = this
    const long = this.foldIfLong(next)
    if (long !== undefined) return long
    const white = WHITE_SPACE[this.choose('fws')]
    if (white !== undefined) {
      if (out.column < 4 && white.length > 1) {
        out.octet(SPACE)
        return ' '
      }
      out.text(white)
      return white.replace(LINE_ENDS, '')
    }
    return this.#obsFws()
  }

  /** A fold before the next `next` octets if they go beyond 78; the white space it left, if it was made. RFC 5322 §2.1.1 */
  foldIfLong(next: number): ' ' | '\t' | undefined {
    const { out } = this
    if (out.column + next <= WANTED_LINE || out.column < 2) return undefined
    const chosen = out.column + next > MUST_FOLD ? 'fold' : this.choose('long-line')
    if (chosen === 'not-folded') return undefined
    out.text(chosen === 'fold' ? '\r\n ' : '\r\n\t')
    return chosen === 'fold' ? ' ' : '\t'
  }

  /** A fold, or a space where it would leave a line with nothing but white space. */
  fold(): void {
    this.out.text(this.out.column < 4 ? ' ' : '\r\n ')
  }

  /** The name, in some letter case, and the colon; answers the name as written. RFC 5322 §2.2, §4.5.8 */
  beginField(usual: string): string {
    const { out } = this
    const choice = this.choose('field-name')
    let name = usual
    if (choice === 'lower') name = usual.toLowerCase()
    if (choice === 'upper') name = usual.toUpperCase()
    if (choice === 'mixed')
      name = Array.from(usual, (char, i) => (i % 2 ? char.toUpperCase() : char.toLowerCase())).join('')
    out.text(name)
    out.text(COLONS[this.choose('colon')])
    return name
  }

  endField(): void {
    this.out.dropBlankLines()
    this.out.lineEnd()
  }

  // obs-FWS = 1*WSP *(CRLF 1*WSP): a line may have nothing but white space
  #obsFws(): string {
    const white = this.random.of([' \r\n \r\n ', '\t\r\n  \r\n\t', ' \r\n\t\r\n '])
    this.out.text(white)
    return white.replace(LINE_ENDS, '')
  }

  // comment = "(" *([FWS] ccontent) [FWS] ")"
  comment(comments?: Comments): void {
    const text = this.#commentContent(comments === undefined || comments.words, 0)
    comments?.list.push(text)
  }

  /** Writes a comment and answers what it says: quoted pairs resolved, inner comments with their parentheses. */
  #commentContent(words: boolean, depth: number): string {
    const { out, random } = this
    let text = ''
    out.octet(OPEN)
    for (let pieces = random.between(1, 3), i = 0; i < pieces; i++) {
      if (i > 0) {
        const long = this.foldIfLong(12)
        if (long === undefined) out.octet(SPACE)
        text += long ?? ' '
      }
      const kind = this.choose('ccontent')
      if (kind === 'comment' && depth < 3) text += `(${this.#commentContent(false, depth + 1)})`
      else if (kind === 'quoted-pair') {
        const char = random.of(['(', ')', '\\', '"', 'q'])
        const word = this.word()
        out.text(`${word}\\${char}`)
        text += word + char
      } else if (kind === 'utf8-non-ascii') {
        const word = this.utf8Word()
        out.text(word)
        text += word
      } else if (kind === 'encoded-word' && words && depth === 0) {
        text += writeEncodedWords(this, 'comment', 1)
        break // what follows an encoded word must be no other
      } else if (kind === 'empty' && pieces === 1) break
      else {
        const word = this.word()
        out.text(word)
        text += word
      }
    }
    out.octet(CLOSE)
    return text
  }
}

const SPACE = 0x20
const TAB = 0x09
const OPEN = 0x28
const CLOSE = 0x29
const WANTED_LINE = 78
const MUST_FOLD = 700
const LINE_ENDS = /\r\n/g
const COLONS: Readonly<Record<Alternative<'colon'>, string>> = {
  'with-space': ': ',
  'without-space': ':',
  'with-tab': ':\t',
  'with-fold': ':\r\n ',
  'obs-space-before': ' : ',
}
const WHITE_SPACE: Readonly<Partial<Record<Alternative<'fws'>, string>>> = {
  space: ' ',
  tab: '\t',
  'several-spaces': '   ',
  fold: '\r\n ',
  'fold-with-tab': '\r\n\t',
}
const CHOICES = { grammar: choicesOf('grammar'), realistic: choicesOf('realistic') }
