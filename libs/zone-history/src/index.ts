export { HISTORY_LIMITS } from './limits.ts'
export type { HistoryLimits } from './limits.ts'
export { zoneFilePath } from './zone-file-path.ts'
