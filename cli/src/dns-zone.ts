// scop dns zone: our zones as they are: listed, shown, written to files, verified, brought in and taken out.

import { writeFile } from 'node:fs/promises'
import type { Response } from '@scop/bottle'
import { checkZone, describeZoneFinding, DNSKEY, findNode, type Zone, type ZoneFinding } from '@scop/dns'
import { createAlgorithms, describeVerdict, verifyZone } from '@scop/dnssec'
import { Command } from 'commander'
import { because, type BecauseOptions, withBecause } from './because.ts'
import { readBindKey } from './bind-keys.ts'
import { zoneEditCommand } from './dns-zone-edit.ts'
import { zoneHistoryCommand, zoneRestoreCommand } from './dns-zone-history.ts'
import { Failure } from './failure.ts'
import { printable, printableLines } from './printable.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'
import { readZone } from './served-zone.ts'
import { tellResolver } from './tell-resolver.ts'
import { checkZoneText, parseZoneText, readZoneText, zoneArgument, zoneOctets } from './zone-file-input.ts'

export function dnsZoneCommand(terminal: Terminal): Command {
  const group = new Command('zone')
    .description('our zones: list, show, edit, import, export, verify, history, restore, remove')
    .addHelpText('after', examples('scop dns zone list', 'scop dns zone edit one.example'))
  for (const make of [
    list,
    show,
    zoneEditCommand,
    import_,
    export_,
    verify,
    zoneHistoryCommand,
    zoneRestoreCommand,
    remove,
  ])
    group.addCommand(make(terminal))
  return group
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .description('list zones: serial, records, how they are signed, the key tags that the parent should have')
    .addHelpText('after', examples('scop dns zone list', 'scop dns zone list --json'))
    .action(
      act(terminal, async (session) => {
        const answer = await withBottle(session.home, (bottle) => bottle.ask('dns-primary', 'list-zones', {}))
        session.answer(
          answer,
          answer.zones.length === 0
            ? 'No zones yet: scop domain add DOMAIN, or scop dns zone import ZONE FILE'
            : formatTable(
                ['ZONE', 'SERIAL', 'RECORDS', 'ROLE', 'DNSSEC', 'DS'],
                answer.zones.map((one) => [
                  one.zone,
                  one.serial,
                  one.records,
                  one.role,
                  one.dnssec,
                  one.ds.length === 0 ? '-' : one.ds.join(' '),
                ]),
              ),
        )
      }),
    )
}

function show(terminal: Terminal): Command {
  return new Command('show')
    .description('print the records that were put into a zone; --all prints what signing adds as well')
    .argument('<zone>')
    .option('--all', 'keys, signatures and denials too')
    .addHelpText('after', examples('scop dns zone show one.example', 'scop dns zone show one.example --all'))
    .action(
      act(terminal, async (session, name: string, options: { readonly all?: true }) => {
        const { zone } = zoneArgument(name)
        const { serial, text } = await withBottle(session.home, (bottle) =>
          readZone(bottle, zone, options.all ? 'all' : 'own'),
        )
        session.answer({ zone, serial, text }, printableLines(text.trimEnd()))
      }),
    )
}

function export_(terminal: Terminal): Command {
  return new Command('export')
    .description('write a zone as it is served, as a zone file that other servers read')
    .argument('<zone>')
    .option('--own', 'without what signing adds')
    .option('--output <file>', 'default: standard output')
    .addHelpText(
      'after',
      examples('scop dns zone export one.example --output one.example.zone', 'scop dns zone export one.example --own'),
    )
    .action(
      act(terminal, async (session, name: string, options: { readonly own?: true; readonly output?: string }) => {
        const { zone } = zoneArgument(name)
        const { serial, text } = await withBottle(session.home, (bottle) =>
          readZone(bottle, zone, options.own ? 'own' : 'all'),
        )
        if (options.output === undefined) return session.answer({ zone, serial, text }, text.trimEnd())
        await writeFile(options.output, text, 'latin1')
        session.answer({ zone, serial, file: options.output }, `${zone} with serial ${serial} is in ${options.output}`)
      }),
    )
}

function import_(terminal: Terminal): Command {
  return withBecause(new Command('import'))
    .description('serve a new zone from a zone file; it is signed as bottle.yaml says')
    .argument('<zone>')
    .argument('<file>', 'or - for standard input')
    .option(
      '--key <file>',
      "a private key that the zone has had until now, as BIND's K….private; may be repeated",
      collect,
    )
    .option('--force', 'also with mistakes that only some resolvers or servers would mind')
    .addHelpText(
      'after',
      `${examples('scop dns zone import one.example one.example.zone', 'dig @old one.example AXFR | scop dns zone import one.example -', 'scop dns zone import one.example one.zone --key Kone.example.+013+27611.private')}

Keys, signatures and denials in the file are not taken, unless "dnssec: off" stands in bottle.yaml for the zone: then it
is served as it is. With --key the keys of before go on to sign, and the DS at the parent stays true; without it the parent
must drop the DS of the old keys before, or the zone is bogus meanwhile.
Each mistake is told as FILE:LINE:COLUMN.`,
    )
    .action(
      act(
        terminal,
        async (
          session,
          name: string,
          file: string,
          options: BecauseOptions & { readonly key?: readonly string[]; readonly force?: true },
        ) => {
          const { zone, origin } = zoneArgument(name)
          const parsed = parseZoneText(await readZoneText(terminal, file), origin, file)
          checkZoneText(terminal, parsed, options.force === true)
          await withBottle(session.home, async (bottle) => {
            const found = await Promise.all((options.key ?? []).map((one) => readBindKey(one, origin)))
            const keys = found.map(({ pem, algorithm, flags }) => ({ pem, algorithm, flags }))
            const request = { zone, keys, ...because(options, `dns zone import ${zone}`) }
            const { serial } = (await bottle.exchange('dns-primary', 'add-zone', request, zoneOctets(parsed))).response
            await tellResolver(bottle)
            const { wanted } = await bottle.ask('dns-primary', 'zone-ds', { zone, digestTypes: [2] })
            const ds = wanted.map(({ record }) => record)
            session.answer(
              { zone, serial, ds },
              `${zone} is served with serial ${serial}${ds.length === 0 ? '' : `\nFor the parent zone:\n${ds.join('\n')}`}`,
            )
          })
        },
      ),
    )
}

type Verified = Response<'dns-primary', 'verify-zone'>

function verify(terminal: Terminal): Command {
  return new Command('verify')
    .description(
      'check a zone: its data, and as a validating resolver would every signature, the chain of denials, the keys',
    )
    .argument('<zone>')
    .option('--file <file>', 'a zone file instead of a zone of the bottle, or - for standard input')
    .addHelpText(
      'after',
      `${examples(
        'scop dns zone verify one.example',
        'scop dns zone verify one.example --file one.example.zone',
        'dig @192.0.2.53 one.example AXFR +onesoa | scop dns zone verify one.example --file -',
      )}\n\nExit code 1: something is wrong.`,
    )
    .action(
      act(terminal, async (session, name: string, { file }: { readonly file?: string }) => {
        const { zone, origin } = zoneArgument(name)
        const found =
          file === undefined
            ? await withBottle(session.home, async (bottle) => {
                const verified = await bottle.ask('dns-primary', 'verify-zone', { zone })
                return withFindings(verified, parseZoneText((await readZone(bottle, zone, 'all')).text, origin, zone))
              })
            : verifyFile(parseZoneText(await readZoneText(terminal, file), origin, file))
        const { serial, signed, signatures, validUntilMs, errors, warnings } = found
        const until = validUntilMs === undefined ? '' : `; the first ends ${new Date(validUntilMs).toISOString()}`
        const good = signed ? `all ${signatures} signatures and the denials are right${until}` : 'it is not signed'
        const lines = [
          ...(errors.length === 0 ? [`${zone} with serial ${serial}: ${good}`] : errors),
          ...warnings.map((warning) => `warning: ${warning}`),
        ]
        session.answer({ zone, ...found }, lines.map((line) => printable(line)).join('\n'))
        if (errors.length > 0)
          throw new Failure('zone-not-right', `${zone} with serial ${serial} has mistakes: ${errors.length}`)
      }),
    )
}

/** A zone without a key is not signed, which is nothing wrong. */
function verifyFile(zone: Zone): Verified {
  const { serial } = zone.soa
  if (findNode(zone, zone.origin)?.rrsets.has(DNSKEY.code) !== true)
    return withFindings({ serial, signed: false, signatures: 0, errors: [], warnings: [] }, zone)
  const verdict = verifyZone(zone, { algorithms: createAlgorithms(), nowSeconds: Math.floor(Date.now() / 1000) })
  const { signatures, validUntilSeconds } = verdict
  const { errors, warnings } = describeVerdict(verdict)
  const validUntil = validUntilSeconds === undefined ? {} : { validUntilMs: validUntilSeconds * 1000 }
  const verified = { serial, signed: true, signatures, ...validUntil, errors: [...errors], warnings: [...warnings] }
  return withFindings(verified, zone)
}

/** What is wrong with the data, beside what is wrong with the signatures. */
function withFindings(verified: Verified, zone: Zone): Verified {
  const findings = checkZone(zone)
  const told = (severity: ZoneFinding['severity']): readonly string[] =>
    findings.filter((finding) => finding.severity === severity).map(describeZoneFinding)
  return {
    ...verified,
    errors: [...verified.errors, ...told('error')],
    warnings: [...verified.warnings, ...told('warning')],
  }
}

function remove(terminal: Terminal): Command {
  return withBecause(new Command('remove'))
    .description('stop answering for a zone; its keys are kept')
    .argument('<zone>')
    .addHelpText('after', examples('scop dns zone remove old.example --reason "sold"'))
    .action(
      act(terminal, async (session, name: string, options: BecauseOptions) => {
        const { zone } = zoneArgument(name)
        const why = because(options, `dns zone remove ${zone}`)
        const answer = await withBottle(session.home, async (bottle) => {
          const removed = await bottle.ask('dns-primary', 'remove-zone', { zone, ...why })
          await tellResolver(bottle)
          return removed
        })
        if (!answer.removed)
          throw new Failure('no-such-zone', `There is no zone ${zone}`, { next: 'scop dns zone list' })
        session.answer({ zone, ...answer }, `${zone} is no longer served`)
      }),
    )
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}
