// SMTPUTF8: addresses and header fields in UTF-8. RFC 6531 §3.1 to §3.5

import { err, ok } from '@scop/result'
import type { ClientExtension } from '../client-extension.ts'
import { pathNeedsUtf8 } from '../path.ts'
import { reply } from '../reply.ts'
import { type Parameter, parameterEntry, type ServerExtension } from '../server-extension.ts'

/** `true` where the client asked for it. */
export const SMTP_UTF8_PARAMETER: Parameter<true> = {
  name: 'SMTPUTF8',
  parse: (value) => (value === undefined ? ok(true) : err(reply(501, '5.5.4', 'SMTPUTF8 takes no value'))),
  mailboxOptions: () => ({ utf8: true }),
}

// todo RFC 6531 §3.7.4.2: VRFY and EXPN with the parameter
export const SMTP_UTF8: ServerExtension = {
  name: 'SMTPUTF8',
  offer: () => 'SMTPUTF8',
  mailParameters: [parameterEntry(SMTP_UTF8_PARAMETER)],
  lineOctets: { MAIL: 10 },
}

export const SMTP_UTF8_CLIENT: ClientExtension = {
  keyword: 'SMTPUTF8',
  mailParameters({ sender, recipients, utf8 }, offered) {
    if (utf8 !== true && !pathNeedsUtf8(sender) && !recipients.some(pathNeedsUtf8)) return ok([])
    return offered === undefined
      ? err({ kind: 'not-supported', extension: 'SMTPUTF8', enhanced: '5.6.7' })
      : ok(['SMTPUTF8'])
  },
}
