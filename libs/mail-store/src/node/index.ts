export { openMailStore } from './open-mail-store.ts'
export type { OpenMailStoreOptions } from './open-mail-store.ts'
