// Our own reader.

import { parseMessage, readEntity } from '@scop/mime'
import { DIFFERENCE_KINDS } from '../../differences.ts'
import { type Reading, readingOf } from '../../reading.ts'
import type { MailParser } from './parser.ts'

export function ours(): MailParser {
  const read = async (octets: Uint8Array): Promise<Reading> => readingOf(readEntity(parseMessage(octets), octets))
  return { name: 'ours', version: 'this', tells: new Set(DIFFERENCE_KINDS), read, close: async () => undefined }
}
