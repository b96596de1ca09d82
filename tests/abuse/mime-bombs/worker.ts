// One bomb in a process of its own, which can be killed: its name is the argument, none is an empty message. Says what it
// took: CPU seconds, and the highest RSS from the moment the message lies ready, which is part of it.

import { readFileSync, writeFileSync } from 'node:fs'
import { encodeLatin1 } from '@scop/octets'
import { BOMBS } from './bombs.ts'
import { readInPieces, useEverything } from './everything.ts'

/** The runtime lets 64 MB of octets lie that nobody holds any more. Of a stream, what is held is measured. */
const COLLECTED_EVERY = 4 * 1024 * 1024
const name = process.argv[2] ?? ''
const bomb = name === '' ? { pieces: () => [''] } : BOMBS[name]
if (bomb === undefined) throw new Error(`No such bomb: ${name}`)
const run = bomb.streamed === true ? stream(bomb.pieces()) : hold(bomb.pieces())
globalThis.gc?.()
forgetPeak()
const start = process.cpuUsage()
run()
const { user, system } = process.cpuUsage(start)
process.stdout.write(JSON.stringify({ cpuSeconds: (user + system) / 1e6, peakMebibytes: peakKibibytes() / 1024 }))

function hold(pieces: Iterable<string>): () => void {
  const message = encodeLatin1([...pieces].join(''))
  return () => useEverything(message)
}

function stream(pieces: Iterable<string>): () => void {
  let text: string | undefined
  let octets: Uint8Array = new Uint8Array(0)
  let given = 0
  const encoded = function* (): Iterable<Uint8Array> {
    for (const piece of pieces) {
      // The same piece again is the same octets again: making them is no part of the cost.
      if (piece !== text) octets = encodeLatin1(piece)
      text = piece
      yield octets
      given += octets.length
      if (given < COLLECTED_EVERY) continue
      given = 0
      globalThis.gc?.()
    }
  }
  return () => readInPieces(encoded())
}

/** Linux: the highest RSS counts from here. Elsewhere it counts from the start of the process. */
function forgetPeak(): void {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5')
}

function peakKibibytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  return Number(/^VmHWM:\s+([0-9]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
}
