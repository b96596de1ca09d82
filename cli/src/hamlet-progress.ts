// How far a long run is: one line at a terminal, written over; a line each tenth elsewhere; nothing under --json.

import type { Session } from './session.ts'

export class ProgressLine {
  readonly #session: Session
  readonly #total: number | undefined
  readonly #started = performance.now()
  #done = 0
  #shownAt = 0
  #tenth = 0

  /** `total` is undefined where it is not known beforehand. */
  constructor(session: Session, total: number | undefined) {
    this.#session = session
    this.#total = total
  }

  add(mails: number): void {
    this.#done += mails
    const { json, terminal } = this.#session
    if (json) return
    const now = performance.now()
    if (terminal.errors.isTTY === true) {
      if (now - this.#shownAt < PAUSE_MS) return
      this.#shownAt = now
      terminal.errors.write(`\r\u001b[2K${this.#line(now)}`)
    } else if (this.#total !== undefined && Math.floor((10 * this.#done) / this.#total) > this.#tenth) {
      this.#tenth = Math.floor((10 * this.#done) / this.#total)
      terminal.errors.write(`${this.#line(now)}\n`)
    }
  }

  /** Takes the line away. */
  end(): void {
    if (!this.#session.json && this.#session.terminal.errors.isTTY === true) {
      this.#session.terminal.errors.write('\r\u001b[2K')
    }
  }

  #line(now: number): string {
    const seconds = (now - this.#started) / 1000
    const speed = Math.round(this.#done / Math.max(seconds, 0.001))
    if (this.#total === undefined) return `${this.#done} messages, ${speed} a second`
    const left = Math.round((this.#total - this.#done) / Math.max(speed, 1))
    return `${this.#done} of ${this.#total} messages, ${speed} a second, ${left} s left`
  }
}

const PAUSE_MS = 200
