// Printable: text from elsewhere, made harmless for a terminal. A subject or a log line may carry escape sequences
// that move the cursor, set titles or answer as if typed; they are shown as \u escapes instead.

/** One line: every control character, line separator and bidirectional override is written as `\uXXXX`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape)
}

/** Several lines: as `printable`, but LF and TAB stay, and CRLF becomes LF. */
export function printableLines(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNPRINTABLE, (character) => (character === '\n' || character === '\t' ? character : escape(character)))
}

const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

// oxlint-disable-next-line no-control-regex -- these are what it is for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]/g
