// Why a change was refused: a kind for the caller's program, a sentence for the person.

import type { ChangeError } from '@scop/directory/node'
import { unreachable } from '@scop/result'

export function describeChangeError(error: ChangeError): { readonly kind: string; readonly reason: string } {
  return { kind: KINDS[error.kind] ?? error.kind, reason: sentence(error) }
}

/** Where our kind is not the one that every service uses. */
const KINDS: Readonly<Partial<Record<ChangeError['kind'], string>>> = {
  busy: 'temporary',
  contended: 'temporary',
  'storage-failure': 'temporary',
}

function sentence(error: ChangeError): string {
  switch (error.kind) {
    case 'bad-author':
    case 'bad-reason':
      return `the ${error.kind.slice('bad-'.length)} of the change is not one line of text: ${error.reason}`
    case 'no-edits':
      return 'nothing to change'
    case 'too-many-edits':
      return `${error.edits} edits exceed the limit of ${error.limit}`
    case 'bad-password':
      return `the password of ${error.account} is empty or has a character that passwords may not have`
    case 'no-such-commit':
      return `"${error.commit}" is no commit of the history (7 hexadecimal digits or more)`
    case 'unreadable': {
      const { problem } = error
      const where = problem.kind === 'bad-file' ? problem.path : problem.error.kind
      return `commit ${problem.commit} cannot be used (${where}): restore an earlier one, or push a repair`
    }
    case 'busy':
      return 'too many passwords are being computed'
    case 'contended':
      return `others changed the repository each of ${error.attempts} times`
    case 'storage-failure':
      return error.reason
    case 'no-such-domain':
      return `${error.domain} is not a domain of ours`
    case 'no-such-account':
      return `there is no account ${error.account}`
    case 'no-such-alias':
      return `there is no alias ${error.alias}`
    case 'no-such-target':
      return `the target ${error.target} is of our domain, and nobody is there`
    case 'no-targets':
      return 'an alias needs a target'
    case 'too-many-targets':
      return `${error.targets} targets exceed the limit of ${error.limit}`
    case 'exists':
      return `${error.name} exists already`
    case 'in-use':
      return `still in use by ${error.by.join(', ')}`
    default:
      return unreachable(error)
  }
}
