// scop mime tree: the parts of a message, drawn, with what is ambiguous about each; of an mbox, its messages.

import {
  type Ambiguity,
  bodyRange,
  childrenOf,
  decodeUnstructured,
  fieldsNamed,
  type MessageTree,
  parameterNamed,
  parseMessage,
  type Part,
  readPartFields,
  reportAmbiguities,
  walkParts,
} from '@scop/mime'
import { Command } from 'commander'
import { FILE_HELP, type InputMessage, messageArgument, octetsOf, oneMessage, openInput } from './mime-input.ts'
import { printable } from './printable.ts'
import { act, answerEach, examples, type Session } from './session.ts'
import { type Terminal, writeOctets } from './terminal.ts'

export function treeCommand(terminal: Terminal): Command {
  return new Command('tree')
    .description('the parts with their types, offsets and sizes, and what is ambiguous about each')
    .argument('[file]', FILE_HELP)
    .option('--message <n>', 'of an mbox: the message to draw, from 1; default: all are listed')
    .addHelpText('after', examples('scop mime tree message.eml', 'scop mime tree - --json < message.eml'))
    .action(
      act(terminal, async (session, file: string | undefined, options: { readonly message?: string }) => {
        const wanted = messageArgument(options.message)
        const input = openInput(terminal, file)
        if (wanted !== undefined) return answerTree(session, await oneMessage(input, wanted))
        const [first, second] = [await input.messages.next(), await input.messages.next()]
        if (first.done === true) return
        if (second.done === true) return answerTree(session, octetsOf(input.name, first.value))
        await listMessages(session, [first.value, second.value], input.messages)
      }),
    )
}

function answerTree(session: Session, message: Uint8Array): void {
  const tree = parseMessage(message)
  const ambiguities = reportAmbiguities(tree, message)
  const parts = [...walkParts(tree.root)]
  session.answer(
    { octets: tree.octets, parts: parts.map(describePart), ambiguities },
    session.json ? '' : drawTree(tree, ambiguities),
  )
}

export const formatPlace = (path: readonly number[]): string => path.join('.')

export function describePart(part: Part): object {
  const { contentType, transferEncoding, name } = readPartFields(part)
  return {
    part: formatPlace(part.path),
    type: part.type,
    kind: part.content.kind,
    start: part.range.start,
    bodyStart: bodyRange(part).start,
    end: part.range.end,
    fields: part.header.fields.length,
    encoding: transferEncoding,
    charset: contentType === undefined ? undefined : parameterNamed(contentType.parameters, 'charset'),
    name,
  }
}

/** At most 80 columns, where characters are one column wide. */
export function drawTree(tree: MessageTree, ambiguities: readonly Ambiguity[]): string {
  const marks = new Map<string, Ambiguity[]>()
  for (const ambiguity of ambiguities) {
    const place = formatPlace(ambiguity.path)
    const known = marks.get(place)
    if (known === undefined) marks.set(place, [ambiguity])
    else known.push(ambiguity)
  }
  const lines = [row('PART', 'START', 'OCTETS', 'ENCODING')]
  drawPart(tree.root, '', '', marks, lines)
  return lines.join('\n')
}

// Recursion is as deep as the tree, which `MessageLimits.depth` bounds.
function drawPart(
  part: Part,
  stem: string,
  below: string,
  marks: ReadonlyMap<string, readonly Ambiguity[]>,
  lines: string[],
): void {
  const { contentType, transferEncoding, name } = readPartFields(part)
  const { start, end } = part.range
  const place = formatPlace(part.path)
  const label =
    place === '' ? part.type : `${shortStem(stem)}${part.path.length > DEEP ? '…' : ''}${place} ${part.type}`
  lines.push(row(label, start, end - start, printable(transferEncoding ?? '')))
  const children = childrenOf(part)
  const note = (text: string): void => {
    const margin = `${shortStem(below)}${children.length > 0 ? '│  ' : '   '}`
    lines.push(`${margin}${shorten(printable(text), WIDTH - margin.length)}`)
  }
  const charset = contentType === undefined ? undefined : parameterNamed(contentType.parameters, 'charset')
  const says = [charset === undefined ? [] : [`charset ${charset}`], name === undefined ? [] : [`"${name}"`]].flat()
  if (says.length > 0) note(says.join(', '))
  const found = marks.get(place) ?? []
  for (const { kind, offset } of found.slice(0, MARKS)) note(`! ${kind} at ${offset}`)
  if (found.length > MARKS) note(`! and ${found.length - MARKS} more, see --json`)
  for (const [index, child] of children.entries()) {
    const last = index === children.length - 1
    drawPart(child, `${below}${last ? '└─ ' : '├─ '}`, `${below}${last ? '   ' : '│  '}`, marks, lines)
  }
}

function row(label: string, start: string | number, octets: string | number, encoding: string): string {
  const shown = shorten(printable(label), LABEL).padEnd(LABEL)
  return `${shown} ${String(start).padStart(10)} ${String(octets).padStart(10)} ${shorten(encoding, 16)}`.trimEnd()
}

/** Of what is very deep, the innermost branches. */
const shortStem = (stem: string): string => stem.slice(-3 * DEEP)

const shorten = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(columns - 1, 0))}…`

async function listMessages(
  session: Session,
  first: readonly InputMessage[],
  more: AsyncIterable<InputMessage>,
): Promise<void> {
  const all = listed(first, more)
  if (session.json) return answerEach(session, 'messages', all)
  const { output } = session.terminal
  await writeOctets(output, 'MESSAGE      START     OCTETS  PARTS  AMBIGUOUS  SUBJECT\n')
  for await (const { message, start, octets, parts, ambiguities, subject } of all) {
    const numbers = [
      String(message).padStart(7),
      String(start).padStart(10),
      String(octets).padStart(10),
      String(parts ?? '-').padStart(6),
      String(ambiguities ?? '-').padStart(10),
    ].join(' ')
    const said = parts === undefined ? '(too large)' : printable(subject ?? '')
    await writeOctets(output, `${`${numbers}  ${shorten(said, WIDTH - numbers.length - 2)}`.trimEnd()}\n`)
  }
}

type Listed = {
  readonly message: number | undefined
  readonly start: number
  readonly octets: number
  /** Absent where the message is too large. */
  readonly parts?: number
  readonly ambiguities?: number
  readonly subject?: string | undefined
}

async function* listed(first: readonly InputMessage[], more: AsyncIterable<InputMessage>): AsyncGenerator<Listed> {
  for (const message of first) yield listOne(message)
  for await (const message of more) yield listOne(message)
}

function listOne({ number, offset, octets, message }: InputMessage): Listed {
  const entry = { message: number, start: offset, octets }
  if (message === undefined) return entry
  const tree = parseMessage(message)
  const [field] = fieldsNamed(tree.root.header, 'Subject')
  const subject = field === undefined ? undefined : decodeUnstructured(field.text).trim()
  const parts = [...walkParts(tree.root)].length
  return { ...entry, parts, ambiguities: reportAmbiguities(tree, message).length, subject }
}

const WIDTH = 80
const LABEL = 41
const DEEP = 8
const MARKS = 10
