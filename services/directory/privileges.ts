import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'directory',
  duty: 'Knows accounts, domains and aliases; checks passwords.',
  listens: [],
  accepts: [
    { role: 'submission', operations: ['resolve', 'verify-password', 'scram-parameters', 'verify-scram', 'owns'] },
    { role: 'receiver', operations: ['resolve'] },
    { role: 'mailbox', operations: ['resolve'] },
    { role: 'relay', operations: ['resolve'] },
    {
      role: 'operator',
      operations: [
        'health',
        'metrics',
        'resolve',
        'list-domains',
        'list-accounts',
        'add-domain',
        'remove-domain',
        'add-account',
        'set-password',
        'remove-account',
        'add-alias',
        'remove-alias',
        'history',
        'restore',
      ],
    },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [],
  reaches: [],
  keepsData: true,
  secrets: [],
  limits: { heapMebibytes: 128, openFiles: 1024 },
  thief:
    'Holds the password verifiers (not the passwords) and can let anybody in as anybody. Cannot read mail that is stored.',
}
