// Messages to look at: a file, standard input (`-`, or no name), each one message or an mbox of many. Octets are taken as
// they come, so that of an mbox one message is held at a time.

import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { concatOctets } from '@scop/octets'
import { EXIT, Failure } from './failure.ts'
import { countArgument } from './names.ts'
import { MBOX_LIMITS, type MboxMessage, MboxReader, startsMbox } from './read-mbox.ts'
import type { Terminal } from './terminal.ts'

/** `number` from 1 in an mbox; undefined where the file is the message. */
export type InputMessage = MboxMessage & { readonly number: number | undefined }

export type Input = { readonly name: string; readonly messages: AsyncGenerator<InputMessage> }

export const STANDARD_INPUT = 'standard input'

export const FILE_HELP = 'a message or an mbox; - or nothing: standard input'

export function openInput(terminal: Terminal, file: string | undefined): Input {
  if (file !== undefined && file !== '-') return { name: file, messages: messagesOf(chunksOf(file)) }
  return { name: STANDARD_INPUT, messages: messagesOf(standardInput(terminal, file)) }
}

/** Not of a terminal, unless asked for by `-`: it would wait without a word. */
export function standardInput(terminal: Terminal, file: string | undefined): Terminal['input'] {
  if (file === undefined && terminal.input.isTTY === true) {
    throw new Failure('no-input', 'Give a file, or a message on standard input', { exit: EXIT.usage, next: '--help' })
  }
  return terminal.input
}

/** The message `wanted`; without a number the only one. */
export async function oneMessage({ name, messages }: Input, wanted: number | undefined): Promise<Uint8Array> {
  let count = 0
  let found: InputMessage | undefined
  for await (const one of messages) {
    count++
    if (wanted === undefined && count > 1) {
      throw new Failure('many-messages', `${name} has many messages`, {
        exit: EXIT.usage,
        next: `--message N; scop mime tree ${name} lists them`,
      })
    }
    if (wanted === undefined || count === wanted) found = one
    if (count === wanted) break
  }
  if (found === undefined) throw new Failure('no-such-message', `There is no message ${wanted ?? 1} in ${name}`)
  return octetsOf(name, found)
}

export function octetsOf(name: string, { message }: InputMessage): Uint8Array {
  if (message === undefined) throw new Failure('too-large', `${name}: ${tooLarge(MBOX_LIMITS.messageOctets)}`)
  return message
}

export const tooLarge = (limit: number): string => `a message of more than ${limit} octets`

export const messageArgument = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : countArgument('--message', text, 1)

/** One at least, which is empty where there is nothing. After a message that is too long, and is no mbox, no more is read. */
export async function* messagesOf(
  chunks: AsyncIterable<Uint8Array | string>,
  limits = MBOX_LIMITS,
): AsyncGenerator<InputMessage> {
  const held: Uint8Array[] = []
  let octets = 0
  let number = 0
  let reader: MboxReader | undefined
  let decided = false
  const numbered = (read: readonly MboxMessage[]): readonly InputMessage[] =>
    read.map((message) => ({ ...message, number: ++number }))
  for await (const given of chunks) {
    const chunk = typeof given === 'string' ? Buffer.from(given) : given
    if (reader !== undefined) {
      yield* numbered(reader.feed(chunk))
      continue
    }
    held.push(chunk)
    octets += chunk.length
    if (!decided) {
      const start = joined(held)
      decided = start.includes(LF) || start.length > limits.separatorOctets
      if (startsMbox(start, limits)) {
        reader = new MboxReader(limits)
        held.length = 0
        yield* numbered(reader.feed(start))
        continue
      }
    }
    if (octets > limits.messageOctets) {
      yield { number: undefined, offset: 0, octets, message: undefined }
      return
    }
  }
  if (reader !== undefined) yield* numbered(reader.finish())
  else yield { number: undefined, offset: 0, octets, message: joined(held) }
}

/** Of a file as it is opened. `regular` refuses what would wait, such as a FIFO. */
export async function* chunksOf(file: string | Buffer, { regular = false } = {}): AsyncGenerator<Uint8Array> {
  const handle = await open(file, constants.O_RDONLY | (regular ? constants.O_NONBLOCK : 0))
  try {
    const stats = await handle.stat()
    if (stats.isDirectory()) throw new Failure('is-a-directory', `${file.toString()} is a directory`)
    if (regular && !stats.isFile()) throw new Failure('no-file', `${file.toString()} is no longer a file`)
    for (let left = stats.size; ; ) {
      // One octet more than is left, so that the end is seen with the last of them.
      const chunk = Buffer.allocUnsafe(Math.min(Math.max(left + 1, SMALL_CHUNK), LARGE_CHUNK))
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null)
      if (bytesRead === 0) return
      left -= bytesRead
      yield chunk.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/**
 * As `messagesOf`, but an mbox of a single message is one file of one message, its separator a line of the header: nothing
 * of the file is left out. What is too long for that is taken as `messagesOf` takes it.
 */
export async function* messagesOfWholeFiles(
  chunks: AsyncIterable<Uint8Array | string>,
  limits = MBOX_LIMITS,
): AsyncGenerator<InputMessage> {
  let raw: Uint8Array[] | undefined = []
  let octets = 0
  async function* kept(): AsyncGenerator<Uint8Array> {
    for await (const given of chunks) {
      const chunk = typeof given === 'string' ? Buffer.from(given) : given
      octets += chunk.length
      if (octets > limits.messageOctets) raw = undefined
      raw?.push(chunk)
      yield chunk
    }
  }
  let first: InputMessage | undefined
  let count = 0
  for await (const one of messagesOf(kept(), limits)) {
    count++
    if (count === 1) first = one
    else {
      raw = undefined
      if (first !== undefined) yield first
      first = undefined
      yield one
    }
  }
  if (first === undefined) return
  const isLone = first.number !== undefined && first.message !== undefined && raw !== undefined
  yield isLone && raw !== undefined ? { number: undefined, offset: 0, octets, message: joined(raw) } : first
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  return first !== undefined && pieces.length === 1 ? first : concatOctets([...pieces])
}

const LF = 0x0a
const SMALL_CHUNK = 4096
const LARGE_CHUNK = 1024 * 1024
