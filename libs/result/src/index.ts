export { err, expectOk, ok, unreachable } from './result.ts'
export type { Result } from './result.ts'
