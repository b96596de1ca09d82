// Unstructured text and phrases.
// RFC 5322 §3.2.4 (quoted-string), §3.2.5 (phrase, unstructured), §4.1 (obsolete); RFC 2047 §5; RFC 6532 §3.1, §3.2

import { separateWord, writeEncodedWords } from './encoded-words.ts'
import type { Comments, Scribe } from './scribe.ts'
import { NAMES } from './words.ts'

/** Writes a value and answers its text: decoded, unfolded, trimmed. */
// unstructured = (*([FWS] VCHAR) *WSP) / obs-unstruct
export function writeUnstructured(scribe: Scribe): string {
  const { out, random } = scribe
  const kind = scribe.choose('unstructured')
  if (kind === 'empty') return ''
  if (kind === 'encoded-word') return writeEncodedWords(scribe, 'unstructured', random.between(1, 6))
  let text = ''
  let encodedBefore = false
  for (let words = random.between(1, random.chance(10) ? 40 : 9), i = 0; i < words; i++) {
    const encode: boolean = kind === 'mixed' && !encodedBefore && random.chance(40)
    encodedBefore = encode
    if (i > 0) text += encode ? separateWord(scribe) : scribe.fws()
    if (encode) {
      text += writeEncodedWords(scribe, 'unstructured', random.between(1, 3))
      continue
    }
    let word = kind === 'utf8' && random.chance(60) ? scribe.utf8Word() : scribe.word()
    if (random.chance(12)) word = random.of(PUNCTUATED)(word)
    out.text(word)
    text += word
  }
  return text
}

/** Words with white space and comments between; answers them with one space between. */
// phrase = 1*word / obs-phrase      word = atom / quoted-string      atom = [CFWS] 1*atext [CFWS]
export function writePhrase(scribe: Scribe, comments: Comments | undefined, most = 3): string {
  const { out, random } = scribe
  let text = ''
  let encodedBefore = false
  for (let words = random.between(1, most), i = 0; i < words; i++) {
    if (i > 0) {
      scribe.cfwsNeeded(comments)
      text += ' '
    }
    const kind = scribe.choose('word')
    const encode: boolean = kind === 'encoded-word' && !encodedBefore
    encodedBefore = encode
    if (encode) text += writeEncodedWords(scribe, 'phrase', random.between(1, 3))
    else if (kind === 'quoted-string') text += writeQuotedString(scribe, random.between(1, 3))
    else if (kind === 'utf8') {
      const word = scribe.utf8Word()
      out.text(word)
      text += word
    } else {
      let word = random.chance(50) ? random.of(NAMES) : scribe.word()
      if (random.chance(5)) word = random.of(["o'", 'a+', '#', '~', '{|}', '!$%&*-/^_`']) + word
      if (kind === 'obs-phrase-dot' && i > 0) word += '.'
      out.text(word)
      text += word
    }
  }
  return text
}

/** Writes `words` of them within quotes; answers the content. */
// quoted-string = DQUOTE *([FWS] qcontent) [FWS] DQUOTE
export function writeQuotedString(scribe: Scribe, words: number): string {
  const { out, random } = scribe
  let text = ''
  out.octet(QUOTE)
  for (let i = 0; i < words; i++) {
    const kind = scribe.choose('qcontent')
    if (i > 0) {
      if (kind === 'fold') scribe.fold()
      else out.text(' ')
      text += ' '
    }
    let word = kind === 'utf8' ? scribe.utf8Word() : scribe.word()
    if (random.chance(20)) word += random.of([',', '.', ' (x)', '@', ';', ':', '<', '[y]', "'"])
    if (kind === 'quoted-pair') {
      const char = random.of(['"', '\\'])
      out.text(`${word}\\${char}`)
      text += word + char
    } else if (kind === 'needless-quoted-pair') {
      out.text(`\\${word}`)
      text += word
    } else {
      out.text(word)
      text += word
    }
  }
  out.octet(QUOTE)
  return text
}

const QUOTE = 0x22
const PUNCTUATED: readonly ((word: string) => string)[] = [
  (word) => `${word}:`,
  (word) => `(${word})`,
  (word) => `[${word}]`,
  (word) => `"${word}"`,
  (word) => `<${word}@x.test>`,
  (word) => `${word}=`,
  (word) => `${word}?`,
  (word) => `\\${word}`,
  (word) => `${word};`,
]
