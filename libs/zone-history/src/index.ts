export { HISTORY_LIMITS } from './limits.ts'
export type { HistoryLimits } from './limits.ts'
export { restoreZone } from './restore.ts'
export { zoneFilePath } from './zone-file-path.ts'
