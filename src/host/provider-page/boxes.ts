/** What the Providers page asks in boxes of the editor. The page itself never sees what is typed there. */

/** Why a text cannot be taken, or what to know before it is. */
export type Objection = string | { warning: string } | undefined

export type TextBox = {
  title: string
  prompt: string
  value?: string
  placeHolder?: string
  check(text: string): Objection
}

export type Item<T> = { label: string; description?: string; detail?: string; value: T }

export type Boxes = {
  /** Undefined where the person left. */
  ask(box: TextBox): Promise<string | undefined>
  pick<T>(items: readonly Item<T>[], box: { title: string; placeHolder: string }): Promise<Item<T> | undefined>
  confirm(question: string, detail: string, yes: string): Promise<boolean>
  run(command: string, argument: unknown): Promise<unknown>
  open(address: string): Promise<void>
}
