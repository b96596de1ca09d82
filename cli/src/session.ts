// Session: what every command is given: the home, the form of the answer, the terminal.

import type { Command } from 'commander'
import Table from 'cli-table3'
import { printable } from './printable.ts'
import { type Terminal, writeOctets } from './terminal.ts'

export type Session = {
  /** Directory of the bottle. */
  readonly home: string
  /** Whether standard output carries one JSON document and nothing else. */
  readonly json: boolean
  readonly terminal: Terminal
  /** The command's answer: `document` under --json, else `text`. */
  answer(document: unknown, text: string): void
  /** A line for people, beside the answer: nothing under --json. */
  say(line: string): void
}

type GlobalOptions = { readonly home?: string; readonly json?: boolean }

/** Wraps a command's function for commander: its arguments and options, after a session made of the global options. */
export function act<A extends readonly unknown[]>(
  terminal: Terminal,
  run: (session: Session, ...given: A) => Promise<void>,
): (...given: [...A, Command]) => Promise<void> {
  return async (...given) => {
    // as: commander hands the arguments and options declared beside the call, and the command last
    const command = given.at(-1) as Command
    const options = command.optsWithGlobals<GlobalOptions>()
    await run(sessionOf(terminal, options), ...(given.slice(0, -1) as unknown[] as [...A]))
  }
}

export function sessionOf(terminal: Terminal, { home, json = false }: GlobalOptions): Session {
  return {
    home: home ?? terminal.environment['SCOP_HOME'] ?? './data',
    json,
    terminal,
    answer: (document, text) => {
      const shown = json ? JSON.stringify(document, null, 2) : text
      if (shown !== '') terminal.output.write(`${shown}\n`)
    },
    say: (line) => {
      if (!json) terminal.output.write(`${line}\n`)
    },
  }
}

/**
 * As `answer` under --json, for more than memory holds: `{"<name>":[…],…rest}`, one entry a line, each asked for when the
 * one before was taken. `rest` is asked at the end.
 */
export async function answerEach(
  { terminal: { output } }: Session,
  name: string,
  entries: AsyncIterable<unknown>,
  rest: () => object = () => ({}),
): Promise<void> {
  await writeOctets(output, `{${JSON.stringify(name)}:[`)
  let before = '\n'
  for await (const entry of entries) {
    await writeOctets(output, `${before}${JSON.stringify(entry)}`)
    before = ',\n'
  }
  const more = Object.entries(rest()).map(([key, value]) => `,\n${JSON.stringify(key)}:${JSON.stringify(value)}`)
  await writeOctets(output, `\n]${more.join('')}}\n`)
}

/** A table without rules: one row per line, columns by width. Cells are escaped. */
export function formatTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const table = new Table({
    head: [...head],
    chars: PLAIN,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    colAligns: head.map((_, column) => (rows.every((row) => typeof row[column] === 'number') ? 'right' : 'left')),
  })
  for (const row of rows) table.push(row.map((cell) => printable(String(cell))))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const EDGES = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
] as const
const RULES = ['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'] as const
// as: one entry per name
const PLAIN = Object.fromEntries([...EDGES, ...RULES].map((part) => [part, ''])) as Record<
  (typeof EDGES | typeof RULES)[number],
  string
>

/** The end of a command's --help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
}
