import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'dns-primary',
  duty: 'Answers for our zones; takes signed updates.',
  listens: ['dns'],
  accepts: [
    { role: 'operator', operations: ['health', 'metrics', 'add-zone', 'remove-zone', 'show-zone', 'list-zones'] },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [],
  reaches: [],
  keepsData: true,
  secrets: ['tsig-key'],
  limits: { heapMebibytes: 96, openFiles: 1024 },
  thief: 'Can publish any record in our zones: false keys, false mail servers. Cannot read mail or passwords.',
}
