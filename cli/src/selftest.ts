// scop selftest: the loopback self-test, with a line per hop or one document.

import { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { act, examples, type Session } from './session.ts'
import { terminalView } from './selftest-report.ts'
import { runSelfTest, type SelfTestReport } from './selftest-run.ts'
import type { Terminal } from './terminal.ts'

export function selftestCommand(terminal: Terminal): Command {
  return new Command('selftest')
    .description('send real mail between two bottles on this machine, and show the evidence of each hop')
    .addHelpText(
      'after',
      `${examples('scop selftest', "scop selftest --json | jq '.steps[] | select(.passed | not)'")}

The bottle of this home takes part when it runs and its configuration lets bottles talk on one machine;
otherwise both bottles are throwaway ones. Accounts, mail and bottles made for the test are removed at its end.`,
    )
    .action(
      act(terminal, async (session) => {
        const report = await selfTest(session, session.home)
        if (session.json) session.answer(report, '')
        if (!report.passed) throw selfTestFailure(report)
      }),
    )
}

/** Runs the test and shows it; Ctrl-C ends it after its clean-up. */
export async function selfTest(session: Session, home: string | undefined): Promise<SelfTestReport> {
  const interrupted = new AbortController()
  const forget = session.terminal.onInterrupt(() => interrupted.abort())
  try {
    const report = await runSelfTest({ home, view: terminalView(session), signal: interrupted.signal })
    interrupted.signal.throwIfAborted()
    session.say(`${report.passed ? 'All held' : 'Not all held'} in ${(report.milliseconds / 1000).toFixed(1)} s.`)
    return report
  } catch (error) {
    if (interrupted.signal.aborted) throw new Failure('interrupted', 'Interrupted', { exit: EXIT.interrupted })
    throw error
  } finally {
    forget()
  }
}

export function selfTestFailure(report: SelfTestReport): Failure {
  const failed = report.steps.filter(({ passed }) => !passed).map(({ title, summary }) => `${title}: ${summary}`)
  return new Failure('selftest-failed', `The self-test failed:\n${failed.join('\n')}`, {
    next: 'scop selftest --json gives the evidence',
  })
}
