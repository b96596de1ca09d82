// Lines out of a service's output: whole, bounded, and in its own name only.

/** Cuts octets into lines; one that is longer than `longest` octets is cut there and marked. */
export class LineCutter {
  readonly #longest: number
  #held: Buffer[] = []
  #octets = 0
  #skipping = false

  constructor(longest: number) {
    this.#longest = longest
  }

  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let from = 0
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      this.#hold(chunk.subarray(from, end), lines)
      if (!this.#skipping && this.#octets > 0) lines.push(this.#take())
      this.#skipping = false
      from = end + 1
    }
    this.#hold(chunk.subarray(from), lines)
    return lines
  }

  /** What stood after the last line end. */
  end(): string[] {
    return this.#octets > 0 ? [this.#take()] : []
  }

  #hold(piece: Buffer, lines: string[]): void {
    if (this.#skipping || piece.length === 0) return
    const room = this.#longest - this.#octets
    this.#held.push(piece.subarray(0, room))
    this.#octets += Math.min(piece.length, room)
    if (piece.length <= room) return
    lines.push(this.#take())
    this.#skipping = true
  }

  #take(): string {
    const line = Buffer.concat(this.#held, this.#octets).toString('utf8')
    this.#held = []
    this.#octets = 0
    return line
  }
}

/** The line if it is a JSON object in the name of `service`; otherwise one that says what `service` wrote. */
export function ownLine(service: string, line: string, level: 'warn' | 'error', time: string): string {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && 'service' in value && value.service === service) return line
  } catch {
    // Not JSON: it is quoted below.
  }
  return JSON.stringify({ level, time, service, msg: 'wrote', text: printable(line) })
}

/** JSON escapes C0; C1 controls and bidirectional overrides could still act on a terminal or a viewer. */
function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
const LF = 0x0a
