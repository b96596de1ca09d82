// scop mime diff: two messages, by their octets and by what they mean.

import { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { diffMails, type MailDiff, type MailDifference } from './mail-difference.ts'
import { FILE_HELP, messageArgument, oneMessage, openInput } from './mime-input.ts'
import { printable } from './printable.ts'
import { act, examples } from './session.ts'
import type { Terminal } from './terminal.ts'

export function diffCommand(terminal: Terminal): Command {
  return new Command('diff')
    .description('do two messages mean the same, and what tells them apart?')
    .argument('<a>', 'a message or an mbox; - : standard input')
    .argument('[b]', FILE_HELP)
    .option('--message <n>', 'of mboxes: the message of each, from 1')
    .addHelpText(
      'after',
      `\nFolding, transfer encodings, boundaries and the letter case of names do not count; the order of fields does.
Ends with 0 where both mean the same, with 1 where they differ or one cannot be read (then nothing is answered).
${examples('scop mime diff sent.eml received.eml', 'scop mime diff sent.eml --json < received.eml')}`,
    )
    .action(
      act(terminal, async (session, a: string, b: string | undefined, options: { readonly message?: string }) => {
        if (a === '-' && (b === undefined || b === '-')) {
          throw new Failure('one-input', 'Only one of the two can be standard input', { exit: EXIT.usage })
        }
        const wanted = messageArgument(options.message)
        const before = await oneMessage(openInput(terminal, a), wanted)
        const after = await oneMessage(openInput(terminal, b), wanted)
        const diff = diffMails(before, after)
        session.answer(diff, formatDiff(diff))
        if (!diff.sameMeaning) throw new Failure('differs', 'The messages differ')
      }),
    )
}

export function formatDiff({ identical, sameMeaning, differences, encodedOtherwise }: MailDiff): string {
  if (identical) return 'octet for octet the same'
  return [
    ...(sameMeaning ? ['the same meaning, written otherwise'] : []),
    ...encodedOtherwise.map(({ part, before, after }) =>
      before === after
        ? `${placeOf(part)}: body the same, in ${printable(before)} written otherwise`
        : `${placeOf(part)}: body the same, in ${printable(before)} and ${printable(after)}`,
    ),
    ...differences.flatMap(formatDifference),
  ].join('\n')
}

function formatDifference(difference: MailDifference): readonly string[] {
  const place = placeOf(difference.part)
  switch (difference.kind) {
    case 'field-added':
      return [`${place}: field added`, `  + ${fieldLine(difference.name, difference.value)}`]
    case 'field-removed':
      return [`${place}: field removed`, `  - ${fieldLine(difference.name, difference.value)}`]
    case 'field-changed': {
      const { name, before, after } = difference
      return [`${place}: field changed`, `  - ${fieldLine(name, before)}`, `  + ${fieldLine(name, after)}`]
    }
    case 'field-moved':
      return [`${place}: field ${printable(difference.name)} moved from place ${difference.from} to ${difference.to}`]
    case 'part-added':
    case 'part-removed':
      return [`${place}: ${difference.kind.replace('-', ' ')}: ${printable(difference.type)}`]
    case 'structure-changed':
      return [`${place}: was a ${difference.before}, is a ${difference.after}`]
    default: {
      const { kind, before, after, at, onlyLineEnds } = difference
      const how = onlyLineEnds ? ', only line ends' : ''
      return [`${place}: ${kind.replace('-', ' ')}: ${before} octets and ${after}, from octet ${at}${how}`]
    }
  }
}

const placeOf = (part: string): string => (part === '' ? 'message' : `part ${part}`)

function fieldLine(name: string, value: string): string {
  const line = printable(`${name}: ${value}`)
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`
}

const LONGEST = 500
