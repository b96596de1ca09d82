// scop logs: the JSON lines of all services, for people: filtered, escaped, followed.

import { open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { SERVICES } from '@scop/bottle'
import { Command, Option } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { countArgument, serviceArgument } from './names.ts'
import { printable } from './printable.ts'
import { openHomeOrFail } from './running-bottle.ts'
import { act, examples } from './session.ts'
import { type Terminal, writeOctets } from './terminal.ts'

type Options = {
  readonly follow?: true
  readonly service?: string
  readonly trace?: string
  readonly level: Level
  readonly lines: string
}
const LEVELS = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]

export type LogEntry = Readonly<Record<string, unknown>>

export function logsCommand(terminal: Terminal): Command {
  return new Command('logs')
    .description('show what the services logged; -f follows')
    .option('-f, --follow', 'go on until Ctrl-C; with --json one document per line')
    .option('--service <name>', 'of one service')
    .option('--trace <id>', 'of one message, on its whole way')
    .addOption(new Option('--level <level>', 'at least this').choices(LEVELS).default('debug'))
    .option('--lines <count>', 'the last so many', '100')
    .addHelpText(
      'after',
      examples('scop logs -f', 'scop logs --service relay --level warn', 'scop logs --trace 0123456789abcdef --json'),
    )
    .action(
      act(terminal, async (session, options: Options) => {
        if (options.service !== undefined) serviceArgument(options.service, [...SERVICES, 'supervisor'])
        const limit = countArgument('--lines', options.lines)
        const { home } = await openHomeOrFail(session.home)
        const wanted = (entry: LogEntry): boolean => matches(entry, options)
        const { entries, end } = await lastEntries(home.log, limit, wanted)
        if (session.json && !options.follow) return session.answer({ entries }, '')
        const show = (entry: LogEntry): Promise<void> =>
          writeOctets(terminal.output, `${session.json ? JSON.stringify(entry) : formatLogEntry(entry)}\n`)
        for (const entry of entries) await show(entry)
        if (!options.follow) return
        const stop = new AbortController()
        const forget = terminal.onInterrupt(() => stop.abort())
        try {
          for await (const entry of followEntries(home.log, end, stop.signal)) if (wanted(entry)) await show(entry)
        } finally {
          forget()
        }
      }),
    )
}

/** `2026-01-02T03:04:05.678Z relay info [trace] delivered remote=192.0.2.1` */
export function formatLogEntry(entry: LogEntry): string {
  const { time, service, level, trace, msg, ...facts } = entry
  const shown = [time, service, level].map(showValue)
  if (trace !== undefined) shown.push(`[${showValue(trace)}]`)
  shown.push(showValue(msg))
  for (const [key, value] of Object.entries(facts)) {
    const text = showValue(value)
    shown.push(`${printable(key)}=${/[\s"=]/.test(text) || text === '' ? JSON.stringify(text) : text}`)
  }
  return shown.join(' ')
}

/** The last `limit` entries that are wanted, and where the file ended. */
export async function lastEntries(
  file: string,
  limit: number,
  wanted: (entry: LogEntry) => boolean,
): Promise<{ readonly entries: readonly LogEntry[]; readonly end: number }> {
  let entries: LogEntry[] = []
  let end = 0
  for await (const { entry, after } of readEntries(file, 0)) {
    end = after
    if (!wanted(entry)) continue
    entries.push(entry)
    if (entries.length > 2 * limit + MORE) entries = entries.slice(-limit)
  }
  return { entries: limit === 0 ? [] : entries.slice(-limit), end }
}

/** Entries written after octet `from`, as they come; a log that was rotated is read from its beginning. */
export async function* followEntries(file: string, from: number, signal: AbortSignal): AsyncGenerator<LogEntry> {
  let at = from
  let inode = (await stat(file).catch(() => undefined))?.ino
  while (!signal.aborted) {
    const now = await stat(file).catch(() => undefined)
    if (now !== undefined && (now.ino !== inode || now.size < at)) {
      at = 0
      inode = now.ino
    }
    if (now !== undefined && now.size > at) {
      for await (const { entry, after } of readEntries(file, at)) {
        at = after
        yield entry
      }
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}

type Line = { readonly entry: LogEntry /** Octet offset behind the line. */; readonly after: number }

/** Whole lines only: one that is still being written is left for later. */
async function* readEntries(file: string, from: number): AsyncGenerator<Line> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new Failure('cannot-read-log', `Cannot read ${file}: ${error.message}`, { exit: EXIT.configuration })
  })
  if (handle === undefined) return
  try {
    let rest = Buffer.alloc(0)
    let at = from
    for (;;) {
      const { bytesRead, buffer } = await handle.read({
        buffer: Buffer.alloc(CHUNK_OCTETS),
        position: at + rest.length,
      })
      if (bytesRead === 0) return
      const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      let start = 0
      for (let end = text.indexOf(LF); end >= 0; end = text.indexOf(LF, start)) {
        yield { entry: parseLine(text.toString('utf8', start, end)), after: at + end + 1 }
        start = end + 1
      }
      at += start
      rest = text.subarray(start)
    }
  } finally {
    await handle.close()
  }
}

/** What is not a JSON object (a crash of the runtime, say) is an entry with the line as its message. */
function parseLine(line: string): LogEntry {
  try {
    const value: unknown = JSON.parse(line)
    // as: an object that is no array has string keys and unknown values
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as LogEntry
  } catch {
    // falls through: not JSON
  }
  return { level: 'error', msg: line }
}

function matches(entry: LogEntry, { service, trace, level }: Options): boolean {
  if (service !== undefined && entry['service'] !== service) return false
  if (trace !== undefined && entry['trace'] !== trace) return false
  const found = LEVELS.findIndex((name) => name === entry['level'])
  return found < 0 || found >= LEVELS.indexOf(level)
}

function showValue(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return printable(value.join(', '))
  return printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'))
}

const LF = 10
const CHUNK_OCTETS = 64 * 1024
const POLL_MS = 200
const MORE = 1000
