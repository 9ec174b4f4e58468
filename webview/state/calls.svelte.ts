/* eslint svelte/prefer-svelte-reactivity: off -- maps are replaced as a whole where they are drawn */
/** What the tools of the turn do, as it is told: where each call stands, and what it prints. */
import type { MessageId } from '../../src/shared/conversation.ts'
import type { TurnView } from '../../src/shared/protocol.ts'
import type { ApprovalRequest, CallEvent, CallState } from '../../src/shared/tool-state.ts'

/** Parts of what a call prints: a growing text is laid out from the start of its last part. In UTF-16 units. */
const CHUNK = 4000
const MOST_CHUNKS = 16

export type Chunk = { id: number; text: string }

/** The end of what a call printed, never more than a page can bear. */
export class LiveOutput {
  chunks: Chunk[] = $state.raw([])
  /** True where its beginning is gone. */
  cut = $state(false)

  add(text: string): void {
    const chunks = this.chunks.slice(0, -1)
    const last = this.chunks.at(-1)
    let id = last?.id ?? 0
    let rest = (last?.text ?? '') + text
    while (rest.length > CHUNK) {
      // A part is drawn as a block, which breaks the line by itself.
      const line = rest.lastIndexOf('\n', CHUNK)
      chunks.push({ id: id++, text: rest.slice(0, line > 0 ? line : CHUNK) })
      rest = rest.slice(line > 0 ? line + 1 : CHUNK)
    }
    chunks.push({ id, text: rest })
    this.cut ||= chunks.length > MOST_CHUNKS
    this.chunks = chunks.slice(-MOST_CHUNKS)
  }

  get empty(): boolean {
    return this.chunks.length === 0
  }
}

export class LiveCall {
  readonly id: string
  state: CallState = $state.raw({ kind: 'waiting' })
  output: LiveOutput = $state.raw(new LiveOutput())

  constructor(id: string) {
    this.id = id
  }
}

export class CallStore {
  #answers: ReadonlyMap<MessageId, ReadonlyMap<string, LiveCall>> = $state.raw(new Map())

  of(message: MessageId, call: string): LiveCall | undefined {
    return this.#answers.get(message)?.get(call)
  }

  /** What the person is asked now, in the order of the calls. */
  asking(message: MessageId | undefined): ApprovalRequest[] {
    const calls = message === undefined ? undefined : this.#answers.get(message)
    return [...(calls?.values() ?? [])].flatMap(({ state }) => (state.kind === 'asking' ? [state.request] : []))
  }

  hear(message: MessageId, event: CallEvent): void {
    const call = this.#have(message, event.callId)
    if (event.type === 'state') call.state = event.state
    else call.output.add(event.text)
  }

  /** As the host says it stands now. */
  show(turn: Pick<TurnView, 'message' | 'calls'> | undefined): void {
    for (const { callId, state, output } of turn?.calls ?? []) {
      const call = this.#have(turn!.message, callId)
      call.state = state
      if (!call.output.empty || output === '') continue
      call.output.add(output)
    }
  }

  reset(): void {
    this.#answers = new Map()
  }

  #have(message: MessageId, id: string): LiveCall {
    const known = this.of(message, id)
    if (known) return known
    const call = new LiveCall(id)
    const calls = new Map(this.#answers.get(message)).set(id, call)
    this.#answers = new Map(this.#answers).set(message, calls)
    return call
  }
}
