// Whether two values of the model say the same: records and lists of strings, numbers, booleans and what is absent.

/** As deep as the values are: for what types bound. A key that is absent and one that is undefined differ. */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const entries = Object.entries(a)
  if (entries.length !== Object.keys(b).length) return false
  // as: only looked into
  return entries.every(
    ([key, value]) => Object.hasOwn(b, key) && isSameValue(value, (b as Record<string, unknown>)[key]),
  )
}
