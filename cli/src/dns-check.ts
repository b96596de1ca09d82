// scop dns check: does a domain resolve and validate, do its servers agree, and is what mail needs published.

import { Command } from 'commander'
import { type Finding, findings } from './domain-findings.ts'
import { Failure } from './failure.ts'
import { domainArgument } from './names.ts'
import { printable } from './printable.ts'
import { openQuestions } from './questions.ts'
import { act, examples } from './session.ts'
import type { Terminal } from './terminal.ts'

export function dnsCheckCommand(terminal: Terminal): Command {
  return new Command('check')
    .description('what the world finds of a domain: delegation, servers, DNSSEC, MX, SPF, DKIM, DMARC, TLSA')
    .argument('<domain>')
    .addHelpText(
      'after',
      `${examples('scop dns check one.example', 'scop dns check one.example --json')}

Asks the resolver of the bottle in --home, or one of its own, and then each server of the domain.
Exit code 1: something is wrong, and its line says what to do.`,
    )
    .action(
      act(terminal, async (session, text: string) => {
        const domain = domainArgument(text)
        const questions = await openQuestions(session.home)
        try {
          const all = await findings(domain, questions)
          session.answer({ domain, findings: all }, all.map(formatFinding).join('\n'))
          const wrong = all.filter(({ level }) => level === 'wrong').length
          if (wrong > 0) throw new Failure('domain-wrong', `${domain}: ${wrong} of ${all.length} checks went wrong`)
        } finally {
          await questions.close()
        }
      }),
    )
}

function formatFinding({ level, what, said, todo }: Finding): string {
  const line = `${MARKS[level]} ${what}: ${printable(said)}`
  return todo === undefined ? line : `${line}\n    → ${printable(todo)}`
}

const MARKS = { good: '✔', note: '·', wrong: '✖' } as const
