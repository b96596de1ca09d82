// The log of the bottle: one file of JSON lines and the one before it, together never above their limit.

import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

export type LogFile = {
  /** Lines without their line ends. A full disk loses lines, and counts them. */
  write(lines: readonly string[]): void
  readonly lost: number
  close(): void
}

/** Appends to `file`; when it holds half of `octets`, it becomes `<file>.1`. */
export function openLogFile(file: string, octets: number): LogFile {
  let fd = openSync(file, 'a', 0o600)
  let size = fstatSync(fd).size
  let lost = 0
  let closed = false
  const rotate = (): void => {
    closeSync(fd)
    renameSync(file, `${file}.1`)
    fd = openSync(file, 'a', 0o600)
    size = 0
  }
  return {
    get lost() {
      return lost
    },
    write: (lines) => {
      if (lines.length === 0 || closed) return
      const chunk = Buffer.from(`${lines.join('\n')}\n`)
      try {
        if (size > 0 && size + chunk.length > octets / 2) rotate()
        size += writeSync(fd, chunk)
      } catch {
        lost += lines.length // a disk that is full: mail goes on without its log
      }
    },
    close: () => {
      closed = true
      closeSync(fd)
    },
  }
}
