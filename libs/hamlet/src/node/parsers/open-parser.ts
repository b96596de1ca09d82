// The parsers by name.

import { mailparser } from './mailparser.ts'
import { ours } from './ours.ts'
import type { MailParser, ParserName } from './parser.ts'
import { postalMime } from './postal-mime.ts'
import { python } from './python.ts'

/** Rejects with ParserMissing where it is not installed. */
export async function openParser(name: ParserName): Promise<MailParser> {
  switch (name) {
    case 'ours':
      return ours()
    case 'postal-mime':
      return postalMime()
    case 'mailparser':
      return mailparser()
    case 'python':
      return python()
  }
}
