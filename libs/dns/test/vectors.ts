// Where external test data lie; tests that need them skip where they are absent.

import { join } from 'node:path'

export const VECTORS: string = process.env['SCOP_VECTORS'] ?? join(import.meta.dirname, '../../../../shared/vectors')
