export { GroupCommit } from './group-commit.ts'
export type { CommitError } from './group-commit.ts'
export { openDatabase } from './open-database.ts'
