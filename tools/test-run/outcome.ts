// What is known of one finished check or test.

export type Outcome = {
  readonly name: string
  /** Where it stands, relative to the repository; absent for the checks of the whole tree. */
  readonly file?: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped. */
  readonly detail?: string
}

/** What a test says beside its result (`t.diagnostic`). */
export type Note = { readonly file: string; readonly text: string }

export type Line =
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  | { readonly kind: 'note'; readonly note: Note }
