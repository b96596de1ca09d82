export { openDirectory } from './directory.ts'
export type {
  ChangeError,
  Committed,
  Directory,
  DirectoryOptions,
  OpenError,
  Problem,
} from './directory.ts'
export type { Change, FileProblem } from './directory-files.ts'
