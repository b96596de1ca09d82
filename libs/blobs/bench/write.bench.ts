// Durable writes per second, one file each, beside one append-only file written through with the same group size.

import fs from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expectOk } from '@scop/result'
import { openBlobs } from '../src/node/index.ts'

const path = await mkdtemp(join(process.argv[2] ?? '.', 'blobs-bench-'))
const blobs = expectOk(await openBlobs({ path }), 'open blobs')
let made = 0
for (const octets of [4096, 100_000, 1_000_000]) {
  for (const writers of [1, 16, 64]) {
    const count = octets > 500_000 ? 60 : 1000
    const before = process.cpuUsage()
    const start = performance.now()
    let left = count
    const writer = async (): Promise<void> => {
      while (left-- > 0) {
        const message = Buffer.alloc(octets, `message ${made++} `)
        expectOk(await blobs.write([message]), 'write a blob').release()
      }
    }
    await Promise.all(Array.from({ length: writers }, writer))
    report('one file each', octets, writers, count, start, before)
    const fd = fs.openSync(join(path, 'segment'), fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_DSYNC)
    const group = Array.from({ length: writers }, () => Buffer.alloc(octets, 'segment '))
    const cpu = process.cpuUsage()
    const started = performance.now()
    for (let n = 0; n < count; n += writers) {
      await new Promise((resolve) => fs.writev(fd, group, resolve))
    }
    fs.closeSync(fd)
    report('one segment  ', octets, writers, count, started, cpu)
  }
}
await rm(path, { recursive: true })

function report(
  what: string,
  octets: number,
  writers: number,
  count: number,
  start: number,
  before: NodeJS.CpuUsage,
): void {
  const ms = performance.now() - start
  const cpu = process.cpuUsage(before)
  const each = Math.round((cpu.user + cpu.system) / count)
  console.log(`${what} ${octets} octets, ${writers} writers: ${Math.round((count / ms) * 1000)}/s, ${each} µs CPU each`)
}
