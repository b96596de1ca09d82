// scop mime check: every message read and written again, however many there are: one is held at a time, and no file,
// whatever it is, ends the check.

import {
  type Ambiguity,
  formatMessage,
  type MessageTree,
  type PartDefect,
  parseMessage,
  reportAmbiguities,
  walkParts,
} from '@scop/mime'
import { equalOctets } from '@scop/octets'
import { Command } from 'commander'
import { describeSystemError, EXIT, Failure } from './failure.ts'
import { filesUnder, type Skipped } from './mime-files.ts'
import { chunksOf, messagesOfWholeFiles, STANDARD_INPUT, standardInput, tooLarge } from './mime-input.ts'
import { printable } from './printable.ts'
import { MBOX_LIMITS, type MboxLimits } from './read-mbox.ts'
import { act, answerEach, examples, formatTable } from './session.ts'
import { type Terminal, writeOctets } from './terminal.ts'

/** The two directions that are checked against each other. */
export type MessageCodec = {
  readonly parse: (message: Uint8Array) => MessageTree
  readonly format: (tree: MessageTree, message: Uint8Array) => Uint8Array
}

export type CheckError = {
  /** `not-lossless`, `reader-failed`, `too-large`, or why the system does not give the file, such as `eacces`. */
  readonly kind: string
  readonly message: string
}

export type CheckedMessage = {
  readonly file: string
  /** In an mbox: which, from 1, and where it begins. */
  readonly message?: number
  readonly offset?: number
  readonly octets: number
  readonly parts: number
  /** Whether the tree gives back the same octets. False where there are errors. */
  readonly lossless: boolean
  readonly errors: readonly CheckError[]
  /** The first of them, as are the ambiguities: `LISTED` of each. */
  readonly defects: readonly PartDefect[]
  readonly ambiguities: readonly Ambiguity[]
  /** To read it, to look for ambiguities and to write it again. */
  readonly milliseconds: number
}

export type CheckEntry = CheckedMessage | { readonly file: string; readonly skipped: Skipped }

export function checkCommand(terminal: Terminal, codec: MessageCodec = CODEC, limits = MBOX_LIMITS): Command {
  return new Command('check')
    .description('read and write again every message: is each given back octet for octet, and how is it ambiguous?')
    .argument('[path...]', 'messages, mboxes, or directories of them; - or nothing: standard input')
    .addHelpText(
      'after',
      `\nEnds with 0 where every message is given back octet for octet, and with 1 where one is not, where a file
cannot be read, or where there is no message at all: the error says which. What is no file (FIFO, socket, device,
symbolic link to a directory) is named and skipped.
${examples('scop mime check message.eml', 'scop mime check mails/ --json', 'scop mime check < archive.mbox')}`,
    )
    .action(
      act(terminal, async (session, paths: readonly string[]) => {
        if (paths.length === 0) standardInput(terminal, undefined)
        const tally = new Tally()
        const interrupted = new AbortController()
        const forget = terminal.onInterrupt(() => interrupted.abort())
        try {
          const entries = tallied(checkAll(terminal, paths, codec, limits), tally, interrupted.signal)
          if (session.json) await answerEach(session, 'files', entries, () => ({ summary: tally.summary() }))
          else {
            for await (const entry of entries) {
              const line = formatEntry(entry)
              if (line !== undefined) await writeOctets(terminal.output, `${line}\n`)
            }
            session.answer({}, tally.format())
          }
        } finally {
          forget()
        }
        if (interrupted.signal.aborted) {
          throw new Failure('interrupted', 'Interrupted: the rest was not checked', { exit: EXIT.interrupted })
        }
        tally.judge()
      }),
    )
}

/** Of one message. Never throws: a reader that does is an error of the message. */
export function checkMessage(file: string, message: Uint8Array, codec: MessageCodec = CODEC): CheckedMessage {
  const start = performance.now()
  const milliseconds = (): number => Math.round((performance.now() - start) * 1000) / 1000
  try {
    const read = codec.parse(message)
    const ambiguities = reportAmbiguities(read, message, { ambiguities: LISTED })
    const written = codec.format(read, message)
    const lossless = equalOctets(written, message)
    const time = milliseconds()
    let parts = 0
    for (const _part of walkParts(read.root)) parts++
    return {
      file,
      octets: message.length,
      parts,
      lossless,
      errors: lossless ? [] : [{ kind: 'not-lossless', message: describeLoss(written, message) }],
      defects: read.defects.slice(0, LISTED),
      ambiguities,
      milliseconds: time,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return failed(file, { kind: 'reader-failed', message: reason }, message.length, milliseconds())
  }
}

async function* checkAll(
  terminal: Terminal,
  paths: readonly string[],
  codec: MessageCodec,
  limits: MboxLimits,
): AsyncGenerator<CheckEntry> {
  for (const given of paths.length === 0 ? ['-'] : paths) {
    if (given === '-') yield* checkInput(STANDARD_INPUT, terminal.input, codec, limits)
    else {
      for await (const found of filesUnder([given])) {
        if ('skipped' in found) yield found
        else if ('error' in found) yield failed(found.file, describeError(found.error))
        else yield* checkInput(found.file, chunksOf(found.path, { regular: true }), codec, limits)
      }
    }
  }
}

async function* checkInput(
  file: string,
  chunks: AsyncIterable<Uint8Array | string>,
  codec: MessageCodec,
  limits: MboxLimits,
): AsyncGenerator<CheckedMessage> {
  try {
    for await (const { number, offset, octets, message } of messagesOfWholeFiles(chunks, limits)) {
      const checked =
        message === undefined
          ? failed(file, { kind: 'too-large', message: tooLarge(limits.messageOctets) }, octets)
          : checkMessage(file, message, codec)
      yield number === undefined ? checked : { ...checked, message: number, offset }
    }
  } catch (error) {
    yield failed(file, describeError(error))
  }
}

async function* tallied(
  entries: AsyncIterable<CheckEntry>,
  tally: Tally,
  signal: AbortSignal,
): AsyncGenerator<CheckEntry> {
  for await (const entry of entries) {
    tally.add(entry)
    yield entry
    if (signal.aborted) return
  }
}

const failed = (file: string, error: CheckError, octets = 0, milliseconds = 0): CheckedMessage => ({
  file,
  octets,
  parts: 0,
  lossless: false,
  errors: [error],
  defects: [],
  ambiguities: [],
  milliseconds,
})

function describeError(error: unknown): CheckError {
  if (error instanceof Failure) return { kind: error.kind, message: error.message }
  if (!(error instanceof Error)) return { kind: 'unexpected', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code.toLowerCase() : 'unexpected'
  return { kind: code, message: describeSystemError(error.message) }
}

function describeLoss(written: Uint8Array, message: Uint8Array): string {
  let at = 0
  while (at < message.length && written[at] === message[at]) at++
  return `${message.length} octets read, ${written.length} written, other from octet ${at}`
}

/** Only of what is not as it should be. */
function formatEntry(entry: CheckEntry): string | undefined {
  if ('skipped' in entry) return `skipped         ${printable(entry.file)}: ${entry.skipped}`
  const [error] = entry.errors
  if (error === undefined) return undefined
  const where = entry.message === undefined ? entry.file : `${entry.file}, message ${entry.message}`
  return `${isLoss(entry) ? 'not given back ' : 'not read       '} ${printable(`${where}: ${error.message}`)}`
}

const isLoss = ({ errors }: CheckedMessage): boolean => errors.some(({ kind }) => LOSSES.has(kind))

class Tally {
  #files = 0
  #lastFile: string | undefined
  #messages = 0
  #lossless = 0
  #notLossless = 0
  #unread = 0
  #skipped = 0
  #octets = 0
  #milliseconds = 0
  /** Messages by kind of ambiguity. */
  readonly #ambiguous = new Map<string, number>()

  add(entry: CheckEntry): void {
    if ('skipped' in entry) {
      this.#skipped++
      return
    }
    if (entry.file !== this.#lastFile) this.#files++
    this.#lastFile = entry.file
    this.#messages++
    if (entry.lossless) this.#lossless++
    else if (isLoss(entry)) this.#notLossless++
    else this.#unread++
    this.#octets += entry.octets
    this.#milliseconds += entry.milliseconds
    for (const kind of new Set(entry.ambiguities.map((ambiguity) => ambiguity.kind))) {
      this.#ambiguous.set(kind, (this.#ambiguous.get(kind) ?? 0) + 1)
    }
  }

  summary(): object {
    return {
      files: this.#files,
      messages: this.#messages,
      lossless: this.#lossless,
      notLossless: this.#notLossless,
      unread: this.#unread,
      skipped: this.#skipped,
      octets: this.#octets,
      milliseconds: Math.round(this.#milliseconds),
      ambiguous: Object.fromEntries(this.#ambiguous),
    }
  }

  format(): string {
    const head =
      `${this.#lossless} of ${this.#messages} messages given back octet for octet; ` +
      `${this.#octets} octets in ${Math.round(this.#milliseconds)} ms`
    const rows = [...this.#ambiguous].sort((a, b) => b[1] - a[1])
    return rows.length === 0 ? head : `${head}\n\n${formatTable(['AMBIGUITY', 'MESSAGES'], rows)}`
  }

  /** Throws where not all is well. */
  judge(): void {
    const of = `of ${this.#messages} messages`
    if (this.#notLossless > 0) {
      throw new Failure('not-lossless', `${this.#notLossless} ${of} are not given back as they were`)
    }
    if (this.#unread > 0) throw new Failure('not-read', `${this.#unread} ${of} could not be read`)
    if (this.#messages === 0) throw new Failure('no-messages', 'There was no message to check')
  }
}

const CODEC: MessageCodec = { parse: parseMessage, format: formatMessage }
const LISTED = 1000
const LOSSES: ReadonlySet<string> = new Set(['not-lossless', 'reader-failed'])
