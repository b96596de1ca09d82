// Terminal: where a command reads and writes. The process has one; a test makes its own.

import type { Readable, Writable } from 'node:stream'

export type Terminal = {
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown }
  readonly output: Writable & { readonly isTTY?: boolean }
  readonly errors: Writable & { readonly isTTY?: boolean }
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Calls `handler` at each Ctrl-C or SIGTERM until the function that it answers is called. */
  onInterrupt(handler: () => void): () => void
}

export function processTerminal(): Terminal {
  return {
    input: process.stdin,
    output: process.stdout,
    errors: process.stderr,
    environment: process.env,
    onInterrupt: (handler) => {
      const listener = oncePerPress(handler)
      process.on('SIGINT', listener).on('SIGTERM', listener)
      return () => void process.off('SIGINT', listener).off('SIGTERM', listener)
    },
  }
}

/** One press of Ctrl-C under npm reaches us three times: from the terminal, from npm and from the launcher. */
export function oncePerPress(handler: () => void, now: () => number = () => performance.now()): () => void {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const at = now()
    if (at - last >= PRESS_MS) {
      last = at
      handler()
    }
  }
}

/** All of `input`, refused beyond `maxOctets`. */
export async function readAll(input: AsyncIterable<Uint8Array | string>, maxOctets: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of input) {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk)
    octets += buffer.length
    if (octets > maxOctets) throw new RangeError(`more than ${maxOctets} octets`)
    chunks.push(buffer)
  }
  return Buffer.concat(chunks)
}

/** Resolves when the octets are with the system: a closed pipe or a slow reader holds the writer, not memory. */
export function writeOctets(output: Writable, octets: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => output.write(octets, (error) => (error ? reject(error) : resolve())))
}

const PRESS_MS = 700
