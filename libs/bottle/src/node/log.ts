// Structured logs: one JSON line per event on standard output, where the supervisor reads it.
// What came from outside is escaped by JSON, and control characters of terminals and logs besides.
// Lines go out together, 50 ms late at most; errors at once, and everything before the process ends.

import pino from 'pino'

export type Log = {
  debug(event: string, facts?: Facts): void
  info(event: string, facts?: Facts): void
  warn(event: string, facts?: Facts): void
  error(event: string, facts?: Facts): void
}
/** Values only; an `Error` is written as its message. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined | readonly string[] | Error>>

export function createLog(service: string, level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const destination = pino.destination({ fd: 1, sync: true, minLength: BATCH_OCTETS })
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    destination.flushSync()
  }
  process.once('exit', flush) // an exception that ends the process comes by here too
  const logger = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
  const write =
    (method: 'debug' | 'info' | 'warn' | 'error') =>
    (event: string, facts: Facts = {}): void => {
      if (!logger.isLevelEnabled(method)) return
      logger[method](plain(facts), event)
      if (method === 'error') flush()
      else timer ??= setTimeout(flush, LATEST_MS).unref()
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

function plain(facts: Facts): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(facts)) {
    if (value instanceof Error) clean[key] = printable(value.message)
    else clean[key] = typeof value === 'string' ? printable(value) : Array.isArray(value) ? value.map(printable) : value
  }
  return clean
}

/** JSON escapes C0; C1 controls, line separators and bidirectional overrides could still act on a terminal or a viewer. */
function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const BATCH_OCTETS = 4096 // what a pipe takes in one piece
const LATEST_MS = 50
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is for
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
