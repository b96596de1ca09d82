// What a tree of processes has used: CPU from /proc/<pid>/stat, memory from /proc/<pid>/smaps_rollup. Linux only.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** `root` and everything below it. */
export function processTree(root: number): readonly number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(entry)) continue
    const fields = statFields(Number(entry))
    if (fields !== undefined) parents.set(Number(entry), Number(fields[1]))
  }
  const tree = [root]
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child)
  return tree
}

/** CPU seconds, user and system, of the tree, with those of children that have ended and been waited for. */
export function cpuSeconds(root: number): number {
  let ticks = 0
  for (const pid of processTree(root)) {
    const fields = statFields(pid)
    if (fields === undefined) continue
    ticks += [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) // utime stime cutime cstime
  }
  return ticks / TICKS_PER_SECOND
}

/** The same for each process of the tree, by its title. */
export function cpuSecondsByTitle(root: number): ReadonlyMap<string, number> {
  const byTitle = new Map<string, number>()
  for (const pid of processTree(root)) {
    const fields = statFields(pid)
    if (fields === undefined) continue
    const title = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    const ticks = Number(fields[11]) + Number(fields[12])
    byTitle.set(title, (byTitle.get(title) ?? 0) + ticks / TICKS_PER_SECOND)
  }
  return byTitle
}

/** Proportional set size of the tree in MiB: shared pages are divided among those who share them. */
export function pssMebibytes(root: number): number {
  return processTree(root).reduce((sum, pid) => sum + pssOf(pid), 0)
}

/** The same for each process, by its title. */
export function pssByTitle(root: number): readonly (readonly [title: string, mebibytes: number])[] {
  return processTree(root).map((pid) => [readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), pssOf(pid)])
}

function pssOf(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+([0-9]+)/m.exec(rollup)?.[1] ?? 0) / 1024
  } catch {
    return 0 // the process has ended meanwhile
  }
}

/** The fields of `stat` after the command's name, which may hold spaces: [0] is the state. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
