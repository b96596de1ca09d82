// What a caller learns when a call has no answer, and how a handler refuses one.

export type PipeError =
  /** No connection within the limit: nothing was sent. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The other side does not take this edge (certificate, bottle, role or operation), or is not whom we asked for. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** The handler refused; `failure` is its kind. `internal`: it broke, and its log says why. */
  | { readonly kind: 'failed'; readonly failure: string; readonly reason: string }
  /** The call was cut: by its signal, or because the connection ended. The handler may have done its work. */
  | { readonly kind: 'aborted'; readonly reason: string }
  | { readonly kind: 'timeout'; readonly reason: string }
  /** A head, a tail or a body above its limit. */
  | { readonly kind: 'too-large'; readonly reason: string }

/** Thrown by a handler: the caller gets `{ kind: 'failed', failure: kind, reason: message }`. */
export class PipeRefusal extends Error {
  readonly kind: string
  constructor(kind: string, message: string) {
    super(message)
    this.name = 'PipeRefusal'
    this.kind = kind
  }
}

/** Thrown where octets or a tail are read of a message that was cut: it is not a message. */
export class PipeAborted extends Error {
  readonly error: PipeError
  constructor(error: PipeError) {
    super(`${error.kind}: ${error.reason}`)
    this.name = 'PipeAborted'
    this.error = error
  }
}

/** Why a connection or a call was turned away, for the log. */
export type EdgeRefusal = {
  /** The peer's service name, or what is known of it. */
  readonly peer: string | undefined
  readonly operation: string | undefined
  readonly reason: string
}
