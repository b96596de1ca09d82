// scop mime: what our reader makes of messages in files: their parts, where they are ambiguous, whether nothing is lost.

import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import {
  type Ambiguity,
  bodyRange,
  formatMessage,
  type MessageTree,
  parseMessage,
  type Part,
  partAt,
  reportAmbiguities,
  walkParts,
} from '@scop/mime'
import { equalOctets } from '@scop/octets'
import { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { act, examples, formatTable } from './session.ts'
import { readAll, type Terminal, writeOctets } from './terminal.ts'

export function mimeCommand(terminal: Terminal): Command {
  return new Command('mime')
    .description('messages in files: show, tree, check')
    .addHelpText('after', examples('scop mime tree message.eml', 'scop mime check mails/ --json'))
    .addCommand(show(terminal))
    .addCommand(tree(terminal))
    .addCommand(check(terminal))
}

function show(terminal: Terminal): Command {
  return new Command('show')
    .description('the octets of a part, as they are: header and body, still encoded')
    .argument('<file>', 'a message, or - for standard input')
    .argument('[part]', 'its place as `mime tree` shows it, such as 1.0; default: the message')
    .option('--body', 'without its header')
    .addHelpText('after', examples('scop mime show message.eml 1.0 --body', 'scop mime show - < message.eml'))
    .action(
      act(terminal, async (session, file: string, place: string | undefined, options: { readonly body?: true }) => {
        const message = await readMessage(file, terminal)
        const part = partAt(parseMessage(message), place === undefined ? [] : parsePlace(place))
        if (part === undefined) {
          throw new Failure('no-such-part', `There is no part ${place} in ${file}`, { next: `scop mime tree ${file}` })
        }
        const { start, end } = options.body ? bodyRange(part) : part.range
        const octets = message.subarray(start, end)
        if (session.json) session.answer({ ...describePart(part), base64: octets.toBase64() }, '')
        else await writeOctets(terminal.output, octets)
      }),
    )
}

function tree(terminal: Terminal): Command {
  return new Command('tree')
    .description('the parts with their types, offsets and sizes, and what is ambiguous about each')
    .argument('<file>', 'a message, or - for standard input')
    .addHelpText('after', examples('scop mime tree message.eml', 'scop mime tree - --json < message.eml'))
    .action(
      act(terminal, async (session, file: string) => {
        const message = await readMessage(file, terminal)
        const read = parseMessage(message)
        const ambiguities = reportAmbiguities(read, message)
        const parts = [...walkParts(read.root)]
        session.answer(
          { octets: read.octets, parts: parts.map(describePart), ambiguities },
          formatTable(
            ['PART', 'TYPE', 'START', 'END', 'BODY', 'AMBIGUOUS'],
            parts.map((part) => [
              formatPlace(part),
              '  '.repeat(part.path.length) + part.type,
              part.range.start,
              part.range.end,
              bodyRange(part).end - bodyRange(part).start,
              marksOf(part, ambiguities),
            ]),
          ),
        )
      }),
    )
}

function check(terminal: Terminal): Command {
  return new Command('check')
    .description('read and write again every file: is each given back octet for octet, and how is it ambiguous?')
    .argument('<path...>', 'messages, or directories of them')
    .addHelpText('after', examples('scop mime check message.eml', 'scop mime check mails/ --json'))
    .action(
      act(terminal, async (session, paths: readonly string[]) => {
        const files: CheckedFile[] = []
        for (const file of await filesUnder(paths)) files.push(checkMessage(file, await readFile(file)))
        const lost = files.filter(({ lossless }) => !lossless)
        const octets = files.reduce((sum, file) => sum + file.octets, 0)
        const milliseconds = Math.round(files.reduce((sum, file) => sum + file.milliseconds, 0))
        const summary = { files: files.length, lossless: files.length - lost.length, octets, milliseconds }
        session.answer({ summary, files }, formatSummary(summary, files))
        if (lost.length === 0) return
        throw new Failure('not-lossless', `${lost.length} of ${files.length} files are not given back as they were`)
      }),
    )
}

export type CheckedFile = {
  readonly file: string
  readonly octets: number
  readonly parts: number
  /** Whether the tree gives back the same octets. */
  readonly lossless: boolean
  readonly defects: MessageTree['defects']
  readonly ambiguities: readonly Ambiguity[]
  /** To read it, to look for ambiguities and to write it again. */
  readonly milliseconds: number
}

export function checkMessage(file: string, message: Uint8Array): CheckedFile {
  const start = performance.now()
  const read = parseMessage(message)
  const ambiguities = reportAmbiguities(read, message)
  const lossless = equalOctets(formatMessage(read, message), message)
  const milliseconds = Math.round((performance.now() - start) * 1000) / 1000
  const parts = [...walkParts(read.root)].length
  return { file, octets: message.length, parts, lossless, defects: read.defects, ambiguities, milliseconds }
}

function formatSummary(
  { files, lossless, octets, milliseconds }: Record<'files' | 'lossless' | 'octets' | 'milliseconds', number>,
  checked: readonly CheckedFile[],
): string {
  const kinds = new Map<string, number>()
  for (const file of checked) {
    for (const kind of new Set(file.ambiguities.map((ambiguity) => ambiguity.kind))) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
  }
  const rows = [...kinds].sort((a, b) => b[1] - a[1])
  const lost = checked.filter((file) => !file.lossless).map((file) => [file.file])
  const head = `${lossless} of ${files} files given back octet for octet; ${octets} octets in ${milliseconds} ms`
  const tables = [
    ...(rows.length > 0 ? [formatTable(['AMBIGUITY', 'FILES'], rows)] : []),
    ...(lost.length > 0 ? [formatTable(['NOT GIVEN BACK'], lost)] : []),
  ]
  return [head, ...tables].join('\n\n')
}

const describePart = (part: Part): object => ({
  part: formatPlace(part),
  type: part.type,
  kind: part.content.kind,
  start: part.range.start,
  bodyStart: bodyRange(part).start,
  end: part.range.end,
  fields: part.header.fields.length,
})

function marksOf(part: Part, ambiguities: readonly Ambiguity[]): string {
  const place = formatPlace(part)
  const marks = ambiguities.filter((ambiguity) => ambiguity.path.join('.') === place)
  return marks.map(({ kind, offset }) => `${kind}@${offset}`).join(' ')
}

const formatPlace = (part: Part): string => part.path.join('.')

function parsePlace(place: string): readonly number[] {
  if (place === '') return []
  if (!/^\d{1,6}(\.\d{1,6})*$/.test(place)) {
    throw new Failure('bad-part', `Not the place of a part: "${place}"`, { exit: EXIT.usage, next: 'write it as 1.0' })
  }
  return place.split('.').map(Number)
}

async function readMessage(file: string, terminal: Terminal): Promise<Uint8Array> {
  return file === '-' ? readAll(terminal.input, MAX_INPUT) : readFile(file)
}

/** Files as given, and all files below directories, by name. */
async function filesUnder(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = []
  for (const given of paths) {
    if (!(await stat(given)).isDirectory()) files.push(given)
    else {
      const entries = await readdir(given, { recursive: true, withFileTypes: true })
      const inside = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
      files.push(...inside.sort())
    }
  }
  return files
}

const MAX_INPUT = 256 * 1024 * 1024
