// scop mime show: a part's octets, as they are.

import { bodyRange, parseMessage, partAt } from '@scop/mime'
import { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { FILE_HELP, messageArgument, oneMessage, openInput } from './mime-input.ts'
import { describePart } from './mime-tree.ts'
import { act, examples } from './session.ts'
import { type Terminal, writeOctets } from './terminal.ts'

type Options = { readonly body?: true; readonly message?: string }

export function showCommand(terminal: Terminal): Command {
  return new Command('show')
    .description('the octets of a part, as they are: header and body, still encoded')
    .argument('[file]', FILE_HELP)
    .argument('[part]', 'its place as `mime tree` shows it, such as 1.0; default: the message')
    .option('--body', 'without its header')
    .option('--message <n>', 'of an mbox: the message to show, from 1')
    .addHelpText('after', examples('scop mime show message.eml 1.0 --body', 'scop mime show archive.mbox --message 3'))
    .action(
      act(terminal, async (session, file: string | undefined, place: string | undefined, options: Options) => {
        const path = place === undefined ? [] : parsePlace(place)
        const input = openInput(terminal, file)
        const message = await oneMessage(input, messageArgument(options.message))
        const part = partAt(parseMessage(message), path)
        if (part === undefined) {
          throw new Failure('no-such-part', `There is no part ${place} in ${input.name}`, {
            next: `scop mime tree ${file ?? '-'}`,
          })
        }
        const { start, end } = options.body ? bodyRange(part) : part.range
        const octets = message.subarray(start, end)
        if (session.json) session.answer({ ...describePart(part), base64: octets.toBase64() }, '')
        else await writeOctets(terminal.output, octets)
      }),
    )
}

function parsePlace(place: string): readonly number[] {
  if (place === '') return []
  if (!/^\d{1,6}(\.\d{1,6})*$/.test(place)) {
    throw new Failure('bad-part', `Not the place of a part: "${place}"`, { exit: EXIT.usage, next: 'write it as 1.0' })
  }
  return place.split('.').map(Number)
}
