// A value, or the reason there is none: how every parser of foreign input answers.

/** A value, or the reason there is none. The caller cannot forget to look. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value })
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error })

/** The value, where a failure would be our own mistake: throws with `doing` in the message. Never for foreign input. */
export function expectOk<T, E>(result: Result<T, E>, doing: string): T {
  if (result.ok) return result.value
  throw new Error(`Cannot ${doing}: ${describe(result.error)}`, { cause: result.error })
}

/** Reached only if a `switch` forgot a case; the compiler objects first. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${describe(value)}`)
}

/** JSON, also of what JSON has no form for: the message must not fail where the program already did. */
function describe(value: unknown): string {
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? String(value)
  } catch {
    return String(value)
  }
}
