import type { Privileges } from '@scop/bottle'

export const privileges: Privileges = {
  service: 'mailbox',
  duty: 'Owns the mail store.',
  listens: [],
  accepts: [
    { role: 'relay', operations: ['deliver'] },
    { role: 'verifier', operations: ['deliver'] },
    {
      role: 'operator',
      operations: ['health', 'metrics', 'mailboxes', 'list', 'read', 'delete', 'remove-account'],
    },
    { role: 'supervisor', operations: ['health'] },
  ],
  calls: [
    { role: 'directory', operations: ['resolve'] },
    { role: 'relay', operations: ['enqueue'] },
  ],
  reaches: [],
  keepsData: true,
  secrets: [],
  limits: { heapMebibytes: 192, openFiles: 4096 },
  thief: 'Holds all stored mail and can hand mail to the relay. Cannot sign as us or check a password.',
}
