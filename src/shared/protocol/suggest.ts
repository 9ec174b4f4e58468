/** What the composer offers while `/` or `@` is typed, what becomes of what was picked, and what is attached by it. */
import type { Empty } from './empty.ts'
import type { ReadFile } from './files.ts'

/** `/` at the start of the draft: commands and prompts. `@` at the start or after white space: context. */
export type Trigger = '/' | '@'

/** `marks`: letters of `label` that were typed, as UTF-16 offsets, the end not included. `icon`: a codicon. */
export type Suggestion = {
  /** Opaque: for `take-suggestion`. */
  id: string
  label: string
  detail?: string
  icon: string
  /** The heading it stands under. */
  group: string
  marks?: [from: number, to: number][]
}

/** Best first. `more`: not everything has been looked through yet; the same question again may give more. */
export type Suggested = { items: Suggestion[]; more?: true }

/** What the person is asked for before something can be taken. `completes`: `complete-argument` may propose values. */
export type ArgumentField = { name: string; description?: string; required: boolean; completes?: true }

/** The page's own places that a command can lead to. */
export type Shown = 'new' | 'models' | 'options' | 'tools' | 'history' | 'providers' | 'mcp' | 'allowed' | 'log'

/** What picking a suggestion comes to. It takes the place of the letters that were typed for it. */
export type Taken =
  /** Words for the draft. */
  | { kind: 'text'; text: string }
  /** Asks on, with these letters in the place of what was typed: `symbol:`. */
  | { kind: 'narrow'; query: string }
  /** Attachments; those that cannot be had say why. */
  | { kind: 'files'; files: ReadFile[] }
  /** A whole draft: the messages of a prompt. */
  | { kind: 'message'; text: string; files: ReadFile[] }
  /** To be taken again with `values` of these. */
  | { kind: 'form'; title: string; description?: string; fields: ArgumentField[] }
  | { kind: 'show'; what: Shown }
  /** It is done, and this may be said of it. */
  | { kind: 'done'; say?: string }
  /** The person was asked, and left. */
  | { kind: 'left' }

/** The file in front and what of it would go along. `on`: it goes with the next message unless it is switched off. */
export type CurrentFile = { label: string; detail: string; on: boolean }

/** An attachment as it was when it was read: `ref` and `digest` of its `ContextFacts`. */
export type ContextVersion = { ref: string; digest: string }

export type SuggestRequests = {
  suggest: [{ trigger: Trigger; query: string }, Suggested]
  /** `draft`: the words of the message, by which the parts of a big file are chosen. */
  'take-suggestion': [{ id: string; draft: string; values?: Record<string, string> }, Taken]
  /** What can be filled in, `typed` so far and `values` given before. Empty where nobody knows. */
  'complete-argument': [{ id: string; argument: string; typed: string; values: Record<string, string> }, string[]]
  /** An attachment once more, as it is now: by the `ref` of its `ContextFacts`. */
  'refresh-context': [{ ref: string; draft: string }, ReadFile[]]
  /** The `ref`s of those that are another by now. The host tells of possible changes by `context-changed`. */
  'stale-context': [{ items: ContextVersion[] }, string[]]
  /** What our estimate of tokens has to be multiplied by for the chosen model. */
  'token-factor': [Empty, { factor: number }]
  /** The file in front. From now on the host tells of another one by `current-file`. */
  'current-file': [Empty, CurrentFile | null]
  'take-current': [Empty, ReadFile | null]
}

export type SuggestEvent =
  /** A file that something was attached of changed: ask `stale-context`. */
  { type: 'context-changed' } | { type: 'current-file'; current: CurrentFile | null }
