// What the stream of a message throws where it does not reach its end. The core answers the client by itself.

import type { ContentFault } from './content.ts'

/** The message is malformed or too large; nothing of it may be kept. */
export class ContentRefused extends Error {
  override readonly name = 'ContentRefused'
  readonly fault: ContentFault

  constructor(fault: ContentFault) {
    super(`Cannot receive the message: ${fault}`)
    this.fault = fault
  }
}

/** The client went away, reset, or was too slow; nothing of the message may be kept. */
export class ContentAborted extends Error {
  override readonly name = 'ContentAborted'

  constructor() {
    super('Cannot receive the message: it was broken off')
  }
}
