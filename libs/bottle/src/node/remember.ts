// Answers kept for a moment, for questions that one message asks several times and the next message asks again.
// Law: only what `keep` allows is kept, and never longer than `forMs`; who asks while the answer is on its way shares it.

export type RememberOptions<A> = {
  /** `undefined`: there was no answer. It is never kept. */
  readonly ask: (question: string, trace: string) => Promise<A | undefined>
  readonly keep: (answer: A) => boolean
  readonly forMs: number
  /** Answers held at once; at the limit all are let go. */
  readonly entries: number
  /** Milliseconds of any clock. */
  readonly now: () => number
}

export type Remembered<A> = {
  /** `trace` is that of whoever asks first. */
  ask(question: string, trace: string): Promise<A | undefined>
  /** Every answer is asked for again. */
  forget(): void
}

export function remember<A>({ ask, keep, forMs, entries, now }: RememberOptions<A>): Remembered<A> {
  const known = new Map<string, { readonly answer: Promise<A | undefined>; readonly untilMs: number }>()
  const put = (question: string, trace: string): Promise<A | undefined> => {
    if (known.size >= entries) known.clear()
    const answer = ask(question, trace)
    const mine = { answer, untilMs: now() + forMs }
    known.set(question, mine)
    const drop = (): void => {
      if (known.get(question) === mine) known.delete(question)
    }
    answer.then((value) => (value !== undefined && keep(value) ? undefined : drop()), drop)
    return answer
  }
  return {
    ask: (question, trace) => {
      const found = known.get(question)
      return found !== undefined && now() < found.untilMs ? found.answer : put(question, trace)
    },
    forget: () => known.clear(),
  }
}
