// Command lines: verb and argument, and the arguments of the core's commands.
// RFC 5321 §4.1.1 (commands), §4.1.2 (esmtp-param), §2.4 (verbs without regard to case); RFC 6531 §3.2 (UTF-8)

import { decodeLatin1, decodeUtf8, isAscii } from '@scop/octets'
import { err, ok, type Result } from '@scop/result'

/** A line split at its first space. */
export type CommandLine = {
  /** Upper case. */
  readonly verb: string
  /** `''` if there is none. */
  readonly argument: string
}

export type CommandError =
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'control-character'; readonly at: number }
  | { readonly kind: 'bad-verb' }
  | { readonly kind: 'argument-missing' }
  | { readonly kind: 'argument-unexpected' }
  | { readonly kind: 'bad-hello-name' }
  /** Not `FROM:` or `TO:`. */
  | { readonly kind: 'no-path-keyword'; readonly keyword: string }
  | { readonly kind: 'unclosed-path' }
  | { readonly kind: 'bad-parameter'; readonly text: string }
  | { readonly kind: 'repeated-parameter'; readonly name: string }

/** A parameter as it stands: name in upper case. */
export type RawParameter = { readonly name: string; readonly value: string | undefined }

/** The argument of MAIL or RCPT; `path` has its angle brackets and is not yet read. */
export type PathArgument = { readonly path: string; readonly parameters: readonly RawParameter[] }

/** The core's commands and what each parser makes of its argument. */
export type CoreArguments = {
  readonly HELO: string
  readonly EHLO: string
  readonly MAIL: PathArgument
  readonly RCPT: PathArgument
  readonly DATA: undefined
  readonly RSET: undefined
  readonly NOOP: string
  readonly QUIT: undefined
  readonly VRFY: string
  readonly EXPN: string
  readonly HELP: string
}
export type CoreVerb = keyof CoreArguments

export const CORE_PARSERS: { readonly [V in CoreVerb]: (argument: string) => Result<CoreArguments[V], CommandError> } =
  {
    HELO: parseHelloName,
    EHLO: parseHelloName,
    MAIL: (argument) => parsePathArgument(argument, 'FROM:'),
    RCPT: (argument) => parsePathArgument(argument, 'TO:'),
    DATA: parseNothing,
    RSET: parseNothing,
    NOOP: (argument) => ok(argument),
    QUIT: parseNothing,
    VRFY: parseSomething,
    EXPN: parseSomething,
    HELP: (argument) => ok(argument),
  }

export function isCoreVerb(verb: string): verb is CoreVerb {
  return Object.hasOwn(CORE_PARSERS, verb)
}

/** Reads a line without its CRLF. Control characters are refused; white space at the end is dropped (RFC 5321 §4.1.1). */
export function parseCommandLine(octets: Uint8Array): Result<CommandLine, CommandError> {
  let length = octets.length
  while (octets[length - 1] === SPACE) length--
  for (let at = 0; at < length; at++) {
    const octet = octets[at] as number // as: at < length
    if (octet < SPACE || octet === DEL) return err({ kind: 'control-character', at })
  }
  const used = octets.subarray(0, length)
  const text = isAscii(used) ? ok(decodeLatin1(used)) : decodeUtf8(used)
  if (!text.ok) return err({ kind: 'not-utf8' })
  const line = text.value
  const space = line.indexOf(' ')
  const verb = space < 0 ? line : line.slice(0, space)
  if (!VERB.test(verb)) return err({ kind: 'bad-verb' })
  return ok({ verb: verb.toUpperCase(), argument: space < 0 ? '' : line.slice(space + 1) })
}

/** Without CRLF. */
export function formatCommandLine({ verb, argument }: CommandLine): string {
  return argument === '' ? verb : `${verb} ${argument}`
}

// MAIL = "FROM:" Reverse-path [SP Mail-parameters]; RCPT = "TO:" Forward-path [SP Rcpt-parameters]      RFC 5321 §4.1.1.2, §4.1.1.3
/** Quirk `space-after-colon`: `MAIL FROM: <a@b.example>`, as some mail programs and devices write it. */
export function parsePathArgument(argument: string, keyword: 'FROM:' | 'TO:'): Result<PathArgument, CommandError> {
  if (argument.slice(0, keyword.length).toUpperCase() !== keyword) return err({ kind: 'no-path-keyword', keyword })
  const start = argument.charCodeAt(keyword.length) === SPACE ? keyword.length + 1 : keyword.length
  const end = endOfPath(argument, start)
  if (end < 0) return err({ kind: 'unclosed-path' })
  const parameters = parseParameters(argument.slice(end))
  return parameters.ok ? ok({ path: argument.slice(start, end), parameters: parameters.value }) : parameters
}

export function formatPathArgument(keyword: 'FROM:' | 'TO:', { path, parameters }: PathArgument): string {
  return `${keyword}${path}${parameters.map(formatParameter).join('')}`
}

// Mail-parameters = esmtp-param *(SP esmtp-param); esmtp-param = esmtp-keyword ["=" esmtp-value]
function parseParameters(text: string): Result<readonly RawParameter[], CommandError> {
  const parameters: RawParameter[] = []
  const names = new Set<string>()
  if (text !== '' && !text.startsWith(' ')) return err({ kind: 'bad-parameter', text })
  for (const word of text.split(' ')) {
    if (word === '') continue // several spaces
    const equals = word.indexOf('=')
    const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase()
    const value = equals < 0 ? undefined : word.slice(equals + 1)
    if (!PARAMETER_NAME.test(name) || (value !== undefined && !PARAMETER_VALUE.test(value))) {
      return err({ kind: 'bad-parameter', text: word })
    }
    if (names.has(name)) return err({ kind: 'repeated-parameter', name })
    names.add(name)
    parameters.push({ name, value })
  }
  return ok(parameters)
}

function formatParameter({ name, value }: RawParameter): string {
  return value === undefined ? ` ${name}` : ` ${name}=${value}`
}

/** One past the `>` that closes the path at `start`, quoted strings skipped; -1 if it is not closed. */
function endOfPath(text: string, start: number): number {
  if (text[start] !== '<') return -1
  let quoted = false
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted && code === BACKSLASH) at++
    else if (code === DQUOTE) quoted = !quoted
    else if (code === GREATER && !quoted) return at + 1
  }
  return -1
}

// ehlo = "EHLO" SP ( Domain / address-literal ) CRLF; any printable word is taken, since clients rarely know their name
function parseHelloName(argument: string): Result<string, CommandError> {
  if (argument === '') return err({ kind: 'argument-missing' })
  return argument.length <= MAX_HELLO && PRINTABLE_WORD.test(argument) ? ok(argument) : err({ kind: 'bad-hello-name' })
}

function parseNothing(argument: string): Result<undefined, CommandError> {
  return argument === '' ? ok(undefined) : err({ kind: 'argument-unexpected' })
}

function parseSomething(argument: string): Result<string, CommandError> {
  return argument === '' ? err({ kind: 'argument-missing' }) : ok(argument)
}

const SPACE = 0x20
const DQUOTE = 0x22
const GREATER = 0x3e
const BACKSLASH = 0x5c
const DEL = 0x7f
const MAX_HELLO = 255
const VERB = /^[A-Za-z][A-Za-z0-9]{0,15}$/
const PRINTABLE_WORD = /^[\x21-\x7e]+$/
const PARAMETER_NAME = /^[A-Z0-9][A-Z0-9-]*$/
const PARAMETER_VALUE = /^[\x21-\x3c\x3e-\x7e\u0080-\u{10ffff}]+$/u
