// What passes between the fuzzing thread and the one that watches it: the input in shared memory, so that it is known
// even when the thread never answers again; the result as a message.

import type { SearchReport } from './search.ts'

export type Task = {
  readonly targetFile: string
  readonly sourceFolder: string
  readonly shared: SharedArrayBuffer
  readonly job:
    | {
        readonly kind: 'search'
        readonly seconds: number
        readonly seed: number
        /** Findings and corpus. */
        readonly kept: readonly Uint8Array[]
        /** Changes that keep to the form of the input, where the target has one. */
        readonly structured: boolean
      }
    | { readonly kind: 'replay'; readonly inputs: readonly Uint8Array[] }
}

export type Answer =
  | { readonly kind: 'searched'; readonly report: SearchReport }
  /** For each input: why it broke the target, or undefined. */
  | { readonly kind: 'replayed'; readonly failures: readonly (string | undefined)[] }

/** The shared memory: how many inputs were begun, the length of the present one (-1: none), its octets. */
export class SharedInput {
  readonly memory: SharedArrayBuffer
  readonly #header: Int32Array
  readonly #octets: Uint8Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8 + LONGEST)) {
    this.memory = memory
    this.#header = new Int32Array(memory, 0, 2)
    this.#octets = new Uint8Array(memory, 8)
  }

  begin(input: Uint8Array): void {
    this.#octets.set(input.subarray(0, LONGEST))
    Atomics.store(this.#header, 1, Math.min(input.length, LONGEST))
    Atomics.add(this.#header, 0, 1)
  }

  end(): void {
    Atomics.store(this.#header, 1, -1)
  }

  /** Counts the inputs begun, modulo 2³². */
  get begun(): number {
    return Atomics.load(this.#header, 0)
  }

  /** A copy of the input at work; undefined between two. */
  present(): Uint8Array | undefined {
    const length = Atomics.load(this.#header, 1)
    return this.begun === 0 || length < 0 ? undefined : this.#octets.slice(0, length)
  }
}

const LONGEST = 1 << 20
