// Phrases: the words of a display name, as text. Encoded words are decoded where they are atoms, and in quoted strings too,
// which RFC 2047 forbids and many writers do; that is noted.
// RFC 5322 §3.2.5 (phrase), §4.1 (obs-phrase); RFC 2047 §5 (3)

import { type AddressToken, scanAddresses } from './address-tokens.ts'
import { decodeEncodedWords } from './encoded-word.ts'

export type PhraseDefect = {
  readonly kind: 'encoded-word-in-quoted-string' | 'bad-encoded-word'
  readonly at: number
}

/** A phrase as it stands in a field: quoted strings unquoted, comments dropped, white space between words as one space. */
// phrase = 1*( encoded-word / word ) / obs-phrase
export function decodePhrase(phrase: string): string {
  return phraseText(scanAddresses(phrase.replace(LINE_ENDS, ''), Number.POSITIVE_INFINITY, () => {}).tokens, () => {})
}

/** What the words say. White space in quotes is kept. */
export function phraseText(tokens: readonly AddressToken[], note: (defect: PhraseDefect) => void): string {
  let text = ''
  let run = ''
  let runAt = 0
  const flush = (): void => {
    if (run !== '') text += decoded(run, runAt, note)
    run = ''
  }
  for (const [i, token] of tokens.entries()) {
    const quoted = token.kind === 'quoted'
    // Words with a comment between them are not adjacent (RFC 2047 §6.2).
    if (quoted || token.commented) flush()
    const space = i > 0 && token.spaced ? ' ' : ''
    if (quoted) text += space + unquoted(token, note)
    else if (run === '') {
      text += space
      run = token.text
      runAt = token.at
    } else run += space + token.text
  }
  flush()
  return text
}

/** The same with encoded words still encoded, as IMAP answers it. RFC 9051 §7.5.2 */
export function encodedPhraseText(tokens: readonly AddressToken[]): string {
  return tokens.map((token, i) => (i > 0 && token.spaced ? ` ${token.text}` : token.text)).join('')
}

function unquoted({ text, at }: AddressToken, note: (defect: PhraseDefect) => void): string {
  if (!text.includes('=?')) return text
  const words = decodeEncodedWords(text)
  if (words.text !== text) note({ kind: 'encoded-word-in-quoted-string', at })
  return words.text
}

function decoded(run: string, at: number, note: (defect: PhraseDefect) => void): string {
  const words = decodeEncodedWords(run)
  if (words.defects.length > 0) note({ kind: 'bad-encoded-word', at })
  return words.text
}

const LINE_ENDS = /\r?\n(?=[ \t])/g
