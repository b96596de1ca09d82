// What an attempt to deliver can come to, and the words for it.
// RFC 5321 §4.2.1 (first digit of a reply), RFC 3463 (enhanced status codes)

/** One recipient's share of an attempt. `status` is an enhanced status code: `5.1.1`. */
export type Verdict =
  | { readonly kind: 'delivered'; readonly reply: string; readonly remote: string }
  | { readonly kind: 'later'; readonly reply: string; readonly remote: string | undefined; readonly status: Status }
  | { readonly kind: 'never'; readonly reply: string; readonly remote: string | undefined; readonly status: Status }

export type Status = `${4 | 5}.${number}.${number}`

/** A reply of the other server: 4yz is later, 5yz never; anything else breaks the protocol and is tried again. */
export function verdictOfReply(
  reply: { readonly code: number; readonly enhanced?: string | undefined; readonly text: string },
  remote: string,
  transient: Status,
  permanent: Status,
): Verdict {
  const text = `${reply.code}${reply.enhanced === undefined ? '' : ` ${reply.enhanced}`} ${reply.text}`.trim()
  const digit = Math.floor(reply.code / 100)
  if (digit === 2) return { kind: 'delivered', reply: text, remote }
  const own = parseStatus(reply.enhanced, digit)
  if (digit === 5) return { kind: 'never', reply: text, remote, status: own ?? permanent }
  return { kind: 'later', reply: text, remote, status: own ?? transient }
}

function parseStatus(text: string | undefined, digit: number): Status | undefined {
  const match = ENHANCED.exec(text ?? '')
  // as: the expression has this shape, and the first digit has just been compared
  return match !== null && match[1] === String(digit) ? (match[0] as Status) : undefined
}

const ENHANCED = /^([45])\.[0-9]{1,3}\.[0-9]{1,3}$/
