// scop dns zone edit: the records of a zone in the operator's editor, or from a file; the difference is shown and asked for
// before anything is changed.

import type { Zone } from '@scop/dns'
import { Command } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { confirm } from './confirm.ts'
import { editText } from './editor.ts'
import { Failure } from './failure.ts'
import { printableLines } from './printable.ts'
import { type RunningBottle, withBottle } from './running-bottle.ts'
import { readZone } from './served-zone.ts'
import { act, examples, type Session } from './session.ts'
import { readAll, type Terminal } from './terminal.ts'
import { checkZoneText, parseZoneText, readZoneText, zoneArgument, zoneOctets } from './zone-file-input.ts'

type Options = BecauseOptions & { readonly yes?: true; readonly force?: true }

export function zoneEditCommand(terminal: Terminal): Command {
  return withBecause(new Command('edit'))
    .description("change a zone's records in $VISUAL or $EDITOR, or to those of a file; shows the difference and asks")
    .argument('<zone>')
    .argument('[file]', 'a whole zone file, or - for standard input; without it the editor is opened')
    .option('--yes', 'do not ask')
    .option('--force', 'also with mistakes that only some resolvers or servers would mind')
    .addHelpText(
      'after',
      `${examples('scop dns zone edit one.example', 'scop dns zone edit one.example new.zone --yes --reason "move www"')}

The serial goes up by itself; a higher one that you write is taken. Signatures, keys and denials are not in the file: they
follow. A mistake is told as FILE:LINE:COLUMN, and in the editor you may go back to it.`,
    )
    .action(
      act(terminal, async (session, name: string, file: string | undefined, options: Options) => {
        const { zone, origin } = zoneArgument(name)
        await withBottle(session.home, async (bottle) => {
          const { serial, text } = await readZone(bottle, zone, 'own')
          const read = (given: string, path: string): Zone => {
            const parsed = parseZoneText(given, origin, path)
            checkZoneText(terminal, parsed, options.force === true)
            return parsed
          }
          const wanted =
            file === undefined
              ? await editUntilRight(session, zone, text, read)
              : read(await readZoneText(terminal, file), file)
          if (wanted === undefined) return session.answer({ zone, serial, removed: 0, added: 0 }, 'Nothing is changed')
          await changeAfterQuestion(session, options, {
            zone,
            change: (apply) =>
              tell(bottle, 'change-zone', { zone, serial, apply, ...because(options, `dns zone edit ${zone}`) }, () =>
                zoneOctets(wanted),
              ),
          })
        })
      }),
    )
}

export type Told = {
  readonly serial: number
  readonly removed: number
  readonly added: number
  /** A record a line, behind `-` or `+`. */
  readonly difference: string
}

/** Shows what would change, asks, and changes it. */
export async function changeAfterQuestion(
  session: Session,
  { yes }: { readonly yes?: true },
  { zone, change }: { readonly zone: string; readonly change: (apply: boolean) => Promise<Told> },
): Promise<void> {
  const planned = await change(false)
  if (planned.removed + planned.added === 0)
    return session.answer({ zone, ...planned, changed: false }, `${zone} is so already: nothing is changed`)
  if (!session.json) session.terminal.output.write(printableLines(planned.difference))
  if (!yes && !(await confirm(session.terminal, `Change ${zone}?`)))
    throw new Failure('not-confirmed', 'Nothing is changed')
  const done = await change(true)
  session.answer(
    { zone, ...done, changed: true },
    `${zone} has serial ${done.serial}: ${done.removed} records less, ${done.added} more, with their signatures`,
  )
}

/** One operation whose answer is a difference. */
export async function tell<O extends 'change-zone' | 'restore-zone'>(
  bottle: RunningBottle,
  operation: O,
  request: Parameters<typeof bottle.exchange<'dns-primary', O>>[2],
  octets?: () => AsyncIterable<Uint8Array>,
): Promise<Told> {
  const answer = await bottle.exchange('dns-primary', operation, request, octets?.())
  const { serial, removed, added } = answer.response as Omit<Told, 'difference'> // as: both contracts have these three
  return { serial, removed, added, difference: (await readAll(answer.octets, MAX_OCTETS)).toString('latin1') }
}

/** The editor again and again until the text is right or the operator gives up; `undefined`: it was left as it was. */
async function editUntilRight<T>(
  session: Session,
  zone: string,
  text: string,
  read: (edited: string, path: string) => T,
): Promise<T | undefined> {
  const { terminal } = session
  for (let edited = text; ; ) {
    edited = await editText(terminal, `${zone.replaceAll('/', '_')}.zone`, edited)
    if (edited === text) return undefined
    try {
      return read(edited, zone)
    } catch (error) {
      if (!(error instanceof Failure) || !terminal.input.isTTY) throw error
      terminal.errors.write(`${error.message}\n`)
      if (!(await confirm(terminal, 'Back to the editor?'))) throw new Failure('not-confirmed', 'Nothing is changed')
    }
  }
}

const MAX_OCTETS = 256 * 1024 * 1024
