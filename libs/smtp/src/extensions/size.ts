// SIZE: the server says how much it takes, the client how much it brings. RFC 1870 §3 to §6

import { err, ok } from '@scop/result'
import type { ClientExtension } from '../client-extension.ts'
import { reply } from '../reply.ts'
import { type Parameter, parameterEntry, type ServerExtension } from '../server-extension.ts'

/** Octets of the message, as the client estimates them. */
export const SIZE_PARAMETER: Parameter<number> = {
  name: 'SIZE',
  // size-value = 1*20DIGIT
  parse(value, { limits }) {
    if (value === undefined || !/^[0-9]{1,20}$/.test(value)) return err(reply(501, '5.5.4', 'SIZE needs a number'))
    if (Number(value) > limits.messageOctets) {
      return err(reply(552, '5.3.4', `Message refused: larger than ${limits.messageOctets} octets`))
    }
    return ok(Number(value))
  },
}

export const SIZE: ServerExtension = {
  name: 'SIZE',
  offer: (_, limits) => `SIZE ${limits.messageOctets}`,
  mailParameters: [parameterEntry(SIZE_PARAMETER)],
  lineOctets: { MAIL: 26 },
}

export const SIZE_CLIENT: ClientExtension = {
  keyword: 'SIZE',
  mailParameters({ size }, offered) {
    if (offered === undefined || size === undefined) return ok([])
    const most = Number(offered[0] ?? '0')
    // RFC 1870 §3: 0, or no number, sets no limit.
    if (most > 0 && size > most) return err({ kind: 'not-supported', extension: 'SIZE', enhanced: '5.3.4' })
    return ok([`SIZE=${size}`])
  },
}
