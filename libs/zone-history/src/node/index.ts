export { openZoneHistory } from './zone-history.ts'
export type { HistoryEntry, HistoryError, ZoneHistory, ZoneHistoryOptions, ZoneSource } from './zone-history.ts'
