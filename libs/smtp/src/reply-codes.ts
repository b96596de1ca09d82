// What is wrong, as a reply: the only place where error kinds become codes.
// RFC 5321 §4.2.2, §4.2.3 (codes), RFC 3463 §3 (enhanced), RFC 6531 §3.5

import type { CommandError } from './command.ts'
import type { ContentFault } from './content.ts'
import type { PathError } from './path.ts'
import { type Reply, reply } from './reply.ts'

export function commandErrorReply(error: CommandError): Reply {
  switch (error.kind) {
    case 'not-utf8':
      return reply(500, '5.5.2', 'Cannot read command: not UTF-8')
    case 'control-character':
      return reply(500, '5.5.2', `Cannot read command: control character at octet ${error.at}`)
    case 'bad-verb':
      return reply(500, '5.5.2', 'Cannot read command')
    case 'argument-missing':
      return reply(501, '5.5.4', 'Argument missing')
    case 'argument-unexpected':
      return reply(501, '5.5.4', 'This command takes no argument')
    case 'bad-hello-name':
      return reply(501, '5.5.4', 'Cannot read your name: give a domain or an address literal')
    case 'no-path-keyword':
      return reply(501, '5.5.4', `Cannot read argument: expected "${error.keyword}"`)
    case 'unclosed-path':
      return reply(501, '5.5.4', 'Cannot read address: expected "<" and ">"')
    case 'bad-parameter':
      return reply(501, '5.5.4', `Cannot read parameter "${error.text}"`)
    case 'repeated-parameter':
      return reply(501, '5.5.4', `Parameter "${error.name}" is given twice`)
  }
}

export function senderErrorReply(error: PathError): Reply {
  return pathErrorReply(error, '5.1.7', 'sender')
}

export function recipientErrorReply(error: PathError): Reply {
  return pathErrorReply(error, '5.1.3', 'recipient')
}

export function faultReply(
  fault: ContentFault,
  limits: { readonly textLineOctets: number; readonly messageOctets: number },
): Reply {
  switch (fault) {
    case 'bare-cr':
      return reply(554, '5.6.0', 'Message refused: a CR without LF; lines end with CRLF')
    case 'bare-lf':
      return reply(554, '5.6.0', 'Message refused: a LF without CR; lines end with CRLF')
    case 'nul':
      return reply(554, '5.6.0', 'Message refused: it contains a NUL')
    case 'line-too-long':
      return reply(554, '5.6.0', `Message refused: a line is longer than ${limits.textLineOctets} octets`)
    case 'unterminated-line':
      return reply(554, '5.6.0', 'Message refused: the last line does not end with CRLF')
    case 'too-large':
      return reply(552, '5.3.4', `Message refused: larger than ${limits.messageOctets} octets`)
  }
}

function pathErrorReply(error: PathError, enhanced: '5.1.3' | '5.1.7', what: string): Reply {
  switch (error.kind) {
    case 'not-ascii':
      return reply(553, '5.6.7', `Cannot read ${what} address: not ASCII, and SMTPUTF8 was not asked for`)
    case 'path-too-long':
    case 'local-part-too-long':
      return reply(501, enhanced, `Cannot read ${what} address: too long`)
    case 'no-angle-brackets':
    case 'bad-source-route':
    case 'no-at-sign':
    case 'bad-local-part':
    case 'bad-domain':
    case 'bad-address-literal':
      return reply(501, enhanced, `Cannot read ${what} address: ${error.kind.replaceAll('-', ' ')}`)
  }
}

export const UNKNOWN_COMMAND: Reply = reply(500, '5.5.1', 'Unknown command')
export const OUT_OF_ORDER: Reply = reply(503, '5.5.1', 'Command out of order')
export const NO_RECIPIENTS: Reply = reply(554, '5.5.1', 'No valid recipients')
export const TOO_MANY_RECIPIENTS: Reply = reply(452, '4.5.3', 'Too many recipients in one message')
export const LINE_TOO_LONG: Reply = reply(500, '5.5.2', 'Line too long')
export const STRAY_LINE_ENDING: Reply = reply(500, '5.5.2', 'A CR or LF alone: lines end with CRLF')
export const PIPELINED_STARTTLS: Reply = reply(501, '5.5.1', 'Nothing may follow STARTTLS before the handshake')
export const TIMED_OUT: Reply = reply(421, '4.4.2', 'Timed out, closing')
export const STOPPING: Reply = reply(421, '4.3.2', 'Going down, closing')
export const TOO_MANY_ERRORS: Reply = reply(421, '4.7.0', 'Too many errors, closing')
export const TOO_MANY_TRANSACTIONS: Reply = reply(421, '4.7.0', 'Too many transactions, closing')
export const TOO_MANY_COMMANDS: Reply = reply(421, '4.7.0', 'Too many commands, closing')

export function unknownParameter(name: string): Reply {
  return reply(555, '5.5.4', `Parameter "${name}" is not known here`)
}
