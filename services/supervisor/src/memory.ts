// Memory: the proportional set size of a process, as Linux counts it. proc(5)

import { readFile } from 'node:fs/promises'

/** KiB; `undefined` where the process has gone or the system does not say. */
export async function pssKibibytes(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '')
  return parsePss(text)
}

/** `Pss:  12345 kB` */
export function parsePss(text: string): number | undefined {
  const match = /^Pss:\s+([0-9]{1,12}) kB$/m.exec(text)
  return match === null ? undefined : Number(match[1])
}
