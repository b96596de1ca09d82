import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'dns-primary',
  duty: 'Answers for our zones and signs them; takes signed updates.',
  listens: ['dns', 'dns-tls'],
  accepts: [
    { role: 'dns-resolver', operations: ['list-zones', 'zone-ds'] },
    { role: 'verifier', operations: ['publish-reputation'] },
    {
      role: 'operator',
      operations: [
        'health',
        'metrics',
        'add-zone',
        'remove-zone',
        'show-zone',
        'change-zone',
        'verify-zone',
        'zone-history',
        'restore-zone',
        'list-zones',
        'list-keys',
        'roll-key',
        'zone-ds',
        'confirm-ds',
      ],
    },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [{ role: 'dns-resolver', operations: ['ds'] }],
  reaches: ['name-servers'],
  keepsData: true,
  secrets: ['tsig-key'],
  limits: { heapMebibytes: 128, openFiles: 1024 },
  thief:
    'Holds the DNSSEC keys of our zones: can publish any record, false keys and mail servers, signed so that all believe it, until the DS at the parent are replaced. Cannot read mail or passwords.',
}
