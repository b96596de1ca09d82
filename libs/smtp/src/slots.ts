// Typed places for values that the core does not know: each extension owns its slots, and reads them back with their type.

/** A place for a `T`, found again by identity. */
export type Slot<T> = { readonly name: string; readonly of?: (value: T) => T }

/** Values in slots; immutable. */
export class Slots {
  readonly #values: ReadonlyMap<object, unknown>

  private constructor(values: ReadonlyMap<object, unknown>) {
    this.#values = values
  }

  static readonly none: Slots = new Slots(new Map())

  read<T>(slot: Slot<T>): T | undefined {
    return this.#values.get(slot) as T | undefined // as: `with` is the only writer, and it takes a T for this slot
  }

  with<T>(slot: Slot<T>, value: T): Slots {
    return new Slots(new Map([...this.#values, [slot, value]]))
  }
}
