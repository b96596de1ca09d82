// scop status: every service with its process, and how much mail waits.

import { Command } from 'commander'
import { connectBottle, openHomeOrFail } from './running-bottle.ts'
import { act, examples, formatTable } from './session.ts'
import type { Terminal } from './terminal.ts'

export function statusCommand(terminal: Terminal): Command {
  return new Command('status')
    .description('show each service: process, state, restarts, uptime, memory; the depth of the queue')
    .addHelpText(
      'after',
      `${examples('scop status', 'scop status --json | jq \'.services[] | select(.state != "running")\'')}

Memory is the proportional set size: what processes share is divided among them, so the sum is true.`,
    )
    .action(
      act(terminal, async (session) => {
        const opened = await openHomeOrFail(session.home)
        const bottle = await connectBottle(opened)
        try {
          const status = await bottle.ask('supervisor', 'status', {})
          const relay = status.services.find(({ service, state }) => service === 'relay' && state === 'running')
          const queue = relay && (await bottle.ask('relay', 'queue-list', { limit: 0 })).total
          const memory = [status.supervisorPssKibibytes, ...status.services.map((service) => service.pssKibibytes)]
          const pssKibibytes = memory.reduce<number>((sum, one) => sum + (one ?? 0), 0)
          const rows = status.services.map((service) => [
            service.service,
            service.state,
            service.pid ?? '-',
            service.restarts,
            formatDuration(service.uptimeSeconds),
            formatMebibytes(service.pssKibibytes),
            service.lastExit ?? '',
          ])
          session.answer(
            { ...status, queue: { entries: queue }, pssKibibytes },
            `Bottle ${status.bottle} in ${opened.home.directory}\n\n${formatTable(
              ['SERVICE', 'STATE', 'PID', 'RESTARTS', 'UPTIME', 'MEMORY', 'LAST EXIT'],
              [...rows, ['supervisor', 'running', '-', 0, '', formatMebibytes(status.supervisorPssKibibytes), '']],
            )}\n\nMemory ${formatMebibytes(pssKibibytes)}; queue ${queue === undefined ? 'unknown: the relay is not running' : formatMessages(queue)}`,
          )
        } finally {
          await bottle.close()
        }
      }),
    )
}

const formatMessages = (count: number): string => (count === 1 ? '1 message' : `${count} messages`)

function formatMebibytes(kibibytes: number | undefined): string {
  return kibibytes === undefined ? '-' : `${(kibibytes / 1024).toFixed(1)} MiB`
}

/** `42s`, `3m 20s`, `5h 02m`, `12d 4h` */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds)
  const [minutes, hours, days] = [Math.floor(whole / 60), Math.floor(whole / 3600), Math.floor(whole / 86_400)]
  if (minutes === 0) return `${whole}s`
  if (hours === 0) return `${minutes}m ${String(whole % 60).padStart(2, '0')}s`
  if (days === 0) return `${hours}h ${String(minutes % 60).padStart(2, '0')}m`
  return `${days}d ${hours % 24}h`
}
