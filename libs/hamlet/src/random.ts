// Numbers drawn from a seed and an index: sfc32, whose state begins as a hash of both. Integers of 32 bits only, so the same on
// every machine; two indices of one seed have nothing in common.

export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** `seed` and `index` are whole numbers from 0 to 2^53 - 1. */
  constructor(seed: number, index: number) {
    this.#a = mix(mix(seed, 0x9e3779b9), index)
    this.#b = mix(mix(index, 0x85ebca6b), seed)
    this.#c = mix(this.#a, this.#b)
    for (let i = 0; i < 12; i++) this.next()
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** 0 to `count` - 1; `count` is at least 1. */
  below(count: number): number {
    return this.next() % count
  }

  /** `least` to `most`, both possible. */
  between(least: number, most: number): number {
    return least + (this.next() % (most - least + 1))
  }

  /** True `percent` times in a hundred. */
  chance(percent: number): boolean {
    return this.next() % 100 < percent
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.next() % choices.length] as T // as: nobody asks for one of none
  }

  shuffle<T>(list: T[]): void {
    for (let i = list.length - 1; i > 0; i--) {
      const other = this.next() % (i + 1)
      const one = list[i] as T // as: i < length, as is other
      list[i] = list[other] as T
      list[other] = one
    }
  }
}

/** Both halves of `value` stirred into `state`. */
function mix(state: number, value: number): number {
  return stir(stir(state, value | 0), Math.floor(value / 2 ** 32) | 0)
}

function stir(state: number, word: number): number {
  let hash = (state ^ word) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return (hash ^ (hash >>> 15)) + 0x6d2b79f5
}
