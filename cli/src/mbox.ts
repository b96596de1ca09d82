// mbox: messages in one file, as other programs read them: the `mboxrd` form, which loses nothing. RFC 4155 §Appendix A

/** The separator before a message: `From sender Thu Jan  1 00:00:00 1970`, in UTC. */
export function formatMboxSeparator(sender: string, receivedAtMs: number): string {
  const at = new Date(receivedAtMs)
  const two = (number: number): string => String(number).padStart(2, '0')
  const clock = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`
  const day = String(at.getUTCDate()).padStart(2, ' ')
  // A sender with a space or a control character (in quotes, or from another server) would break the line apart.
  const from = sender === '' ? 'MAILER-DAEMON' : sender.replace(/[^\u0021-\u007e\u00a1-\uffff]/g, '_')
  return `From ${from} ${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${day} ${clock} ${at.getUTCFullYear()}\n`
}

/** A message with LF line ends, each line of `>*From ` one `>` deeper, and an empty line at its end. */
export function encodeMboxMessage(message: Uint8Array): Buffer {
  // Latin-1 keeps every octet as one character, both ways.
  const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString('latin1')
  // Not `^` and the flag m, to which a lone CR ends a line too.
  const quoted = text.replaceAll('\r\n', '\n').replace(/(?<![^\n])(?=>*From )/g, '>')
  return Buffer.from(quoted.endsWith('\n') ? `${quoted}\n` : `${quoted}\n\n`, 'latin1')
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
