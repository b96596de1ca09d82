// ENHANCEDSTATUSCODES: `5.1.1` in front of every text, but for the greeting, EHLO, and 3yz. RFC 2034 §3, §4

import type { ServerExtension } from '../server-extension.ts'
import { replyLines } from '../reply.ts'

export const ENHANCED_STATUS_CODES: ServerExtension = {
  name: 'ENHANCEDSTATUSCODES',
  offer: () => 'ENHANCEDSTATUSCODES',
  decorateReply(reply, { hello }) {
    const { enhanced, lines } = reply
    if (enhanced === undefined || hello?.extended !== true) return reply
    return { ...reply, lines: lines.flatMap((line) => replyLines(`${enhanced} ${line}`)) }
  },
}
