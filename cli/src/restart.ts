// scop restart and scop stop: the processes of a bottle that runs.

import { SERVICES } from '@scop/bottle'
import { Command } from 'commander'
import { Failure } from './failure.ts'
import { serviceArgument } from './names.ts'
import { withBottle } from './running-bottle.ts'
import { act, examples } from './session.ts'
import type { Terminal } from './terminal.ts'

export function restartCommand(terminal: Terminal): Command {
  return new Command('restart')
    .description('drain a service and start it again; without a name: all of them, one after the other')
    .argument('[service]')
    .addHelpText(
      'after',
      `${examples('scop restart relay', 'scop restart')}

Services: ${SERVICES.join(', ')}

bottle.yaml is read when the bottle starts: after a change of it, scop stop and scop up.`,
    )
    .action(
      act(terminal, async (session, service: string | undefined) => {
        const names = service === undefined ? SERVICES : [serviceArgument(service, SERVICES)]
        await withBottle(session.home, async (bottle) => {
          for (const name of names) {
            const { restarted } = await bottle.ask('supervisor', 'restart', { service: name })
            if (!restarted) throw new Failure('not-restarted', `Cannot restart ${name}`, { next: 'scop status' })
            session.say(`${name}: restarted`)
          }
        })
        if (session.json) session.answer({ restarted: names }, '')
      }),
    )
}

export function stopCommand(terminal: Terminal): Command {
  return new Command('stop')
    .description('drain the bottle and end it, as Ctrl-C does where it runs')
    .addHelpText('after', examples('scop stop', 'scop --home /srv/mail stop'))
    .action(
      act(terminal, async (session) => {
        await withBottle(session.home, (bottle) => bottle.ask('supervisor', 'stop', {}))
        session.answer({ stopping: true }, 'Stopping.')
      }),
    )
}
