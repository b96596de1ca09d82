// 8BITMIME: content with octets above 127. RFC 6152 §2, §3

import { err, ok } from '@scop/result'
import type { ClientExtension } from '../client-extension.ts'
import { reply } from '../reply.ts'
import { type Parameter, parameterEntry, type ServerExtension } from '../server-extension.ts'

export const BODY_PARAMETER: Parameter<'7bit' | '8bitmime'> = {
  name: 'BODY',
  // body-value = "7BIT" / "8BITMIME"
  parse(value) {
    const body = value?.toUpperCase()
    if (body === '7BIT') return ok('7bit')
    return body === '8BITMIME' ? ok('8bitmime') : err(reply(501, '5.5.4', 'BODY is 7BIT or 8BITMIME'))
  },
}

export const EIGHT_BIT_MIME: ServerExtension = {
  name: '8BITMIME',
  offer: () => '8BITMIME',
  mailParameters: [parameterEntry(BODY_PARAMETER)],
  lineOctets: { MAIL: 17 },
}

export const EIGHT_BIT_MIME_CLIENT: ClientExtension = {
  keyword: '8BITMIME',
  mailParameters({ body }, offered) {
    if (body !== '8bitmime') return ok([])
    return offered === undefined
      ? err({ kind: 'not-supported', extension: '8BITMIME', enhanced: '5.6.3' })
      : ok(['BODY=8BITMIME'])
  },
}
