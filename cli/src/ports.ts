// Ports that a bottle needs, tried before it starts: "taken" said by name is better than a service that cannot start.

import { createServer } from 'node:net'
import { type Configuration, type Endpoint, formatEndpoint } from '@scop/bottle'
import { Failure } from './failure.ts'

/** Throws `Failure` when something else listens where this bottle would. */
export async function checkPorts({ listen }: Configuration): Promise<void> {
  const taken: string[] = []
  for (const [name, endpoint] of Object.entries(listen)) {
    if (endpoint === undefined) continue
    const problem = await tryListening(endpoint)
    if (problem !== undefined) taken.push(`Cannot listen for ${name} at ${formatEndpoint(endpoint)}: ${problem}`)
  }
  if (taken.length > 0)
    throw new Failure('port-unavailable', taken.join('\n'), {
      next: 'change "listen" in bottle.yaml, or stop the program that holds the port',
    })
}

function tryListening({ address, port }: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(PROBLEMS[error.code ?? ''] ?? error.message))
    server.listen(port, address, () => server.close(() => resolve(undefined)))
  })
}

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'this user may not open the port',
  EADDRNOTAVAIL: 'this machine does not have the address',
}
