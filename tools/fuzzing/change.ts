// A change to an input that keeps to its form, and what all of them need. Texts hold a character for every octet.

import type { Random } from './random.ts'

export type Source = {
  readonly random: Random
  /** Another input, to take pieces from. */
  readonly other: string
}

export type Change = (text: string, source: Source) => string

/** With their ends; a bare CR is none. */
export function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

export const lineEnd = (text: string): string => (text.includes('\r\n') || !text.includes('\n') ? '\r\n' : '\n')

/** `text` with what stands from `start` to `end` replaced. */
export const replaceRange = (text: string, start: number, end: number, by: string): string =>
  text.slice(0, start) + by + text.slice(end)

/** One match of `pattern`, which is global, replaced; `text` where there is none. */
export function replaceOne(
  text: string,
  pattern: RegExp,
  random: Random,
  by: (...groups: readonly string[]) => string,
): string {
  const matches = [...text.matchAll(pattern)]
  const match = matches[random.below(matches.length)]
  if (match === undefined) return text
  return replaceRange(text, match.index, match.index + match[0].length, by(...match.map((group) => group ?? '')))
}
