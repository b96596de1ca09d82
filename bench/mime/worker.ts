// One parser in a process of its own, for bench/mime.ts. Arguments: the parser's module, then the messages' files. Each line on
// standard input, `task seconds`, runs passes over all messages until that much CPU is used; each answer is a line of JSON.
// `memory` reads the files again, one at a time, and parses each once.

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

type Parse = (message: Uint8Array) => unknown
type Parser = { readonly full: Parse; readonly headers: Parse; readonly cutHeaders: Parse }

const [module = '', ...files] = process.argv.slice(2)
// as: each module of this folder that is named here exports them
const parser = (await import(module)) as Parser

/** What was answered last: nothing is left out as unused. */
export let last: unknown
let messages: readonly Uint8Array[] | undefined
answer({ peakKibibytes: process.resourceUsage().maxRSS })
for await (const line of createInterface({ input: process.stdin })) {
  const [task = '', seconds = '0'] = line.split(' ')
  if (task === 'memory') await parseFromFiles(parser.full)
  else if (task === 'full' || task === 'headers' || task === 'cutHeaders')
    answer(await parseAll(parser[task], Number(seconds)))
  else throw new Error(`No such task: ${task}`)
}

async function parseAll(parse: Parse, least: number): Promise<object> {
  messages ??= files.map((file) => new Uint8Array(readFileSync(file)))
  const start = process.cpuUsage()
  let passes = 0
  for (;;) {
    for (const message of messages) last = await parse(message)
    passes++
    const { user, system } = process.cpuUsage(start)
    const cpuSeconds = (user + system) / 1e6
    if (cpuSeconds >= least) return { passes, cpuSeconds }
  }
}

async function parseFromFiles(parse: Parse): Promise<void> {
  for (const file of files) last = await parse(readFileSync(file))
  answer({ peakKibibytes: process.resourceUsage().maxRSS })
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
