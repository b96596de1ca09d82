// Where a zone's file is in the repository: `example.org.zone`, the root as `%.zone`; what no file name should have, escaped.

import { formatName, type Name } from '@scop/dns'

export function zoneFilePath(origin: Name): string {
  const text = formatName(origin).toLowerCase().replace(/\.$/, '')
  return `${text === '' ? '%' : text.replace(UNSAFE, (each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`)}.zone`
}

/** Also dots and hyphens where they begin the name. */
const UNSAFE = /^[.-]|[^a-z0-9._-]/g
