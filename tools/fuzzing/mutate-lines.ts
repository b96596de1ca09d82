// Changes to text in lines: lines swapped, said twice, left out, moved, taken from another input, joined, their ends changed.
// Texts hold a character for every octet.

import { type Change, lineEnd, linesOf } from './change.ts'

export const LINE_CHANGES: Readonly<Record<string, Change>> = {
  swap: (text, { random }) =>
    inLines(text, (lines) => {
      const [a, b] = [random.below(lines.length), random.below(lines.length)]
      ;[lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? '']
    }),
  duplicate: (text, { random }) =>
    inLines(text, (lines) => {
      const at = random.below(lines.length)
      lines.splice(random.below(lines.length), 0, lines[at] ?? '')
    }),
  leaveOut: (text, { random }) =>
    inLines(text, (lines) => lines.splice(random.below(lines.length), 1 + random.below(3))),
  borrow: (text, { random, other }) => {
    const theirs = linesOf(other)
    const at = random.below(theirs.length)
    const borrowed = theirs.slice(at, at + 1 + random.below(4))
    return inLines(text, (lines) => lines.splice(random.below(lines.length + 1), 0, ...borrowed))
  },
  join: (text, { random }) =>
    inLines(text, (lines) => {
      const at = random.below(lines.length)
      lines[at] = (lines[at] ?? '').replace(/[\r\n]+$/, random.pick(['', ' ', '\t']))
    }),
  changeEnd: (text, { random }) =>
    inLines(text, (lines) => {
      const at = random.below(lines.length)
      lines[at] = (lines[at] ?? '').replace(
        /[\r\n]*$/,
        random.pick(['\n', '\r\n', '\r', '\r\r\n', '\n\r', ' \r\n', '\0\r\n']),
      )
    }),
  changeAllEnds: (text, { random }) => text.replace(/\r?\n/g, random.pick(['\n', '\r\n', '\r'])),
  emptyLine: (text, { random }) =>
    inLines(text, (lines) =>
      lines.splice(random.below(lines.length + 1), 0, random.pick(['', ' ', '\t']) + lineEnd(text)),
    ),
  cut: (text, { random }) => text.slice(0, random.below(text.length + 1)),
  special: (text, { random }) => {
    const at = random.below(text.length + 1)
    return (
      text.slice(0, at) +
      random.pick(['\0', '\r', '\n', '\x7f', '\xc3', '\xe9', '\xff', '\xc3\xa9', '\t', ' ']) +
      text.slice(at)
    )
  },
}

function inLines(text: string, change: (lines: string[]) => unknown): string {
  const lines = [...linesOf(text)]
  if (lines.length === 0) return text
  change(lines)
  return lines.join('')
}
