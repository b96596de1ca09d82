// Reproducible randomness: the same seed gives the same inputs.
// Marsaglia, "Xorshift RNGs" (2003)

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1 // a state of zero would stay zero
  }

  /** An integer from 0 to `end` - 1; 0 if `end` is 0. */
  below(end: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return end === 0 ? 0 : (this.#state >>> 0) % end
  }

  /** One of `choices`, which are not empty. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T // as: below its length
  }
}
