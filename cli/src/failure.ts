// Failure: why a command did not do what it was asked, and what to do next. Thrown by commands, caught once, in run.ts.

/** The exit codes of `scop`; README.md lists them, and so does `scop --help`. */
export const EXIT = { done: 0, failed: 1, usage: 2, notRunning: 3, configuration: 4, interrupted: 130 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

export class Failure extends Error {
  readonly kind: string
  readonly exit: Exit
  /** What to do now, as a sentence or a command. */
  readonly next: string | undefined

  constructor(kind: string, message: string, { exit = EXIT.failed, next }: { exit?: Exit; next?: string } = {}) {
    super(message)
    this.kind = kind
    this.exit = exit
    this.next = next
  }
}

/** `EROFS: read-only file system, mkdir '/srv'` as `Cannot mkdir '/srv': read-only file system (EROFS)`. */
export function describeSystemError(message: string): string {
  const [, code, reason, doing] = /^([A-Z0-9]+): ([^,]+), (.+)$/s.exec(message) ?? []
  return code === undefined ? message : `Cannot ${doing}: ${reason} (${code})`
}

export const EXIT_HELP = `Exit codes:
  0    done
  1    it did not work: the reason is on standard error
  2    the command line is wrong
  3    the bottle is not running
  4    the configuration or the home is not in order
  130  interrupted`
