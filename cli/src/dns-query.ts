// scop dns query: one question, its answer, how far that can be trusted, and every step on the way.

import { parseEndpoint } from '@scop/bottle'
import {
  extendedErrors,
  formatExtendedErrorCode,
  formatRcode,
  formatRecord,
  type Name,
  parseName,
  parseType,
  ROOT,
} from '@scop/dns'
import { askServer } from '@scop/dns/node'
import { parseInternationalDomainName, parseIpAddress } from '@scop/identifiers'
import { reverseName } from '@scop/resolver'
import { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { printable } from './printable.ts'
import { type Answered, openQuestions } from './questions.ts'
import { act, examples, type Session } from './session.ts'
import { formatStepTree } from './step-tree.ts'
import type { Terminal } from './terminal.ts'

type Options = { readonly trace?: true; readonly server?: string; readonly checkingDisabled?: true }

export function dnsQueryCommand(terminal: Terminal): Command {
  return new Command('query')
    .description('one question: the answer, its security, and with --trace every step of iteration and validation')
    .argument('<name>', 'a name, or an address to look up backwards')
    .argument('[type]', 'A, AAAA, MX, TXT, TLSA, … or TYPE65280; default: A, for an address PTR')
    .option('--trace', 'show each step, as a tree')
    .option('--checking-disabled', 'show also what validation refuses')
    .option('--server <address[:port]>', 'ask this server and nobody else; what it says is not validated')
    .addHelpText(
      'after',
      `${examples(
        'scop dns query one.example MX --trace',
        'scop dns query _25._tcp.mx.one.example TLSA --json',
        'scop dns query one.example SOA --server 192.0.2.53',
      )}

Asks the resolver of the bottle in --home; where none runs, one of its own that begins at the root.
Exit code 1: no answer, or one that is not validly signed where it should be.`,
    )
    .action(
      act(terminal, async (session, text: string, typeText: string | undefined, options: Options) => {
        const { name, type } = questionOf(text, typeText)
        if (options.server !== undefined) return askOne(session, name, type, options.server)
        const questions = await openQuestions(session.home)
        try {
          const answered = await questions.ask(name, type, {
            checkingDisabled: options.checkingDisabled === true,
            trace: options.trace === true,
          })
          const silent = options.trace === true && answered.steps.length === 0
          const note = silent ? '\n\nIt was known already: nobody was asked.' : ''
          session.answer(answered, `${formatAnswered(answered)}${note}`)
          const told = answered.rcode === 'NOERROR' || answered.rcode === 'NXDOMAIN'
          if (!told || answered.status === 'bogus') {
            throw new Failure(
              answered.status === 'bogus' ? 'bogus' : 'no-answer',
              `No answer that can be relied on: ${answered.rcode}, ${answered.status}`,
              options.trace ? {} : { next: 'the same with --trace shows where it went wrong' },
            )
          }
        } finally {
          await questions.close()
        }
      }),
    )
}

/** Throws a usage error for what is no name or no type. */
export function questionOf(text: string, typeText: string | undefined): { readonly name: Name; readonly type: number } {
  const address = parseIpAddress(text)
  const type = parseType(typeText?.toUpperCase() ?? (address.ok ? 'PTR' : 'A'))
  if (type === undefined) throw usage('bad-type', `Cannot read "${printable(typeText ?? '')}" as a record type`)
  if (address.ok) return { name: reverseName(address.value), type }
  const international = parseInternationalDomainName(text)
  const name = parseName(international.ok ? international.value : text, ROOT)
  if (!name.ok) throw usage('bad-name', `Cannot read "${printable(text)}" as a name: ${name.error.kind}`)
  return { name: name.value, type }
}

export function formatAnswered({
  status,
  rcode,
  answer,
  authority,
  ede,
  stale,
  milliseconds,
  steps,
}: Answered): string {
  const records = answer.length > 0 ? answer : authority
  return [
    `${rcode}, ${status}${stale ? ', past its time' : ''}, ${milliseconds.toFixed(1)} ms`,
    ...ede.map(({ code, text }) => `${formatExtendedErrorCode(code)}${text === '' ? '' : `: ${printable(text)}`}`),
    ...records.map((line) => `  ${printable(line)}`),
    ...(steps.length > 0 ? ['', ...formatStepTree(steps).map(printable)] : []),
  ].join('\n')
}

async function askOne(session: Session, name: Name, type: number, text: string): Promise<void> {
  const server = serverOf(text)
  const reply = await askServer({ server, name, type, dnssecOk: true })
  if (!reply.ok) throw new Failure('no-answer', `${text} does not answer: ${reply.error.reason}`)
  const { rcode, answers, authorities, authoritative, edns } = reply.value
  const document = {
    server: text,
    rcode: formatRcode(rcode),
    authoritative,
    answer: answers.map(formatRecord),
    authority: authorities.map(formatRecord),
    ede: extendedErrors(edns),
  }
  const lines = [...document.answer, ...document.authority].map((line) => `  ${printable(line)}`)
  const head = `${document.rcode}${authoritative ? ', authoritative' : ''}, from ${text}, not validated`
  const errors = document.ede.map(({ code, text: why }) => `${formatExtendedErrorCode(code)} ${printable(why)}`)
  session.answer(document, [head, ...errors, ...lines].join('\n'))
}

function serverOf(text: string): { readonly address: string; readonly port: number } {
  const alone = parseIpAddress(text)
  const endpoint = alone.ok ? { address: alone.value, port: 53 } : parseEndpoint(text)
  if (endpoint === undefined)
    throw usage('bad-option', `Cannot take --server "${printable(text)}": expected ADDRESS[:PORT]`)
  return endpoint
}

const usage = (kind: string, message: string): Failure => new Failure(kind, message, { exit: EXIT.usage })
