/** VS Code's language model API without VS Code: its classes by hand, and models that a test writes the answers of. */
import type * as vscode from 'vscode'
import type { LanguageModels } from '../../../src/host/vscode-models/api.ts'

export class TextPart {
  value: string
  constructor(value: string) {
    this.value = value
  }
}

export class CallPart {
  callId: string
  name: string
  input: object
  constructor(callId: string, name: string, input: object) {
    this.callId = callId
    this.name = name
    this.input = input
  }
}

export class ResultPart {
  callId: string
  content: unknown[]
  constructor(callId: string, content: unknown[]) {
    this.callId = callId
    this.content = content
  }
}

export class DataPart {
  data: Uint8Array
  mimeType: string
  constructor(data: Uint8Array, mimeType: string) {
    this.data = data
    this.mimeType = mimeType
  }
}

/** What has no class in the stable API: VS Code hands it on all the same. */
export class ThinkingPart {
  value: string | string[]
  id: string | undefined
  metadata: object | undefined
  constructor(value: string | string[], id?: string, metadata?: object) {
    this.value = value
    this.id = id
    this.metadata = metadata
  }
}

const roles = { User: 1, Assistant: 2 } as const

export class ChatMessage {
  role: number
  content: unknown[]
  name: string | undefined
  constructor(role: number, content: unknown[]) {
    this.role = role
    this.content = content
  }
  static User(content: unknown[]): ChatMessage {
    return new ChatMessage(roles.User, content)
  }
  static Assistant(content: unknown[]): ChatMessage {
    return new ChatMessage(roles.Assistant, content)
  }
}

export const isUser = ({ role }: { role: number }): boolean => role === roles.User

class Emitter {
  readonly #listeners = new Set<() => void>()
  readonly event = (listener: () => void): vscode.Disposable => {
    this.#listeners.add(listener)
    return { dispose: () => void this.#listeners.delete(listener) }
  }
  fire(): void {
    for (const listener of [...this.#listeners]) listener()
  }
  get size(): number {
    return this.#listeners.size
  }
}

/** The two fields of a token that anyone reads. */
export type Token = { isCancellationRequested: boolean; onCancellationRequested(listener: () => void): unknown }

class TokenSource {
  readonly #emitter = new Emitter()
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.#emitter.event }
  cancel(): void {
    if (this.token.isCancellationRequested) return
    this.token.isCancellationRequested = true
    this.#emitter.fire()
  }
  dispose(): void {
    // Nothing to give back.
  }
}

export type Request = { messages: ChatMessage[]; options: vscode.LanguageModelChatRequestOptions; token: Token }

/** A model that answers with what `reply` yields. */
export class FakeModel {
  readonly family = 'fake'
  readonly version = '1'
  readonly vendor: string
  readonly id: string
  readonly name: string
  readonly maxInputTokens = 8000
  readonly capabilities?: object
  readonly requests: Request[] = []
  readonly counted: (string | ChatMessage)[] = []
  reply: (request: Request) => AsyncIterable<unknown>
  count: (what: string | ChatMessage) => number = () => 0

  constructor(vendor: string, id: string, options: { capabilities?: object; reply?: FakeModel['reply'] } = {}) {
    this.vendor = vendor
    this.id = id
    this.name = `Fake ${id}`
    if (options.capabilities) this.capabilities = options.capabilities
    this.reply = options.reply ?? (() => saying([]))
  }

  sendRequest(messages: ChatMessage[], options: Request['options'], token: Token): Promise<unknown> {
    const request = { messages, options, token }
    this.requests.push(request)
    return Promise.resolve({ stream: this.reply(request) })
  }

  countTokens(what: string | ChatMessage): Promise<number> {
    this.counted.push(what)
    return Promise.resolve(this.count(what))
  }
}

export async function* saying(parts: readonly unknown[]): AsyncGenerator<unknown> {
  yield* parts
}

/** A window with these models. `models` may change; `changed` then tells. */
export class FakeWindow {
  models: FakeModel[]
  /** The selectors that models were asked for with. */
  readonly selected: vscode.LanguageModelChatSelector[] = []
  readonly changed = new Emitter()
  readonly api: LanguageModels

  constructor(...models: FakeModel[]) {
    this.models = models
    const select = (selector: vscode.LanguageModelChatSelector = {}): Promise<FakeModel[]> => {
      this.selected.push(selector)
      return Promise.resolve(
        this.models.filter(({ vendor }) => selector.vendor === undefined || selector.vendor === vendor),
      )
    }
    this.api = {
      CancellationTokenSource: TokenSource,
      LanguageModelChatMessage: ChatMessage,
      LanguageModelChatToolMode: { Auto: 1, Required: 2 },
      LanguageModelDataPart: DataPart,
      LanguageModelTextPart: TextPart,
      LanguageModelToolCallPart: CallPart,
      LanguageModelToolResultPart: ResultPart,
      lm: { selectChatModels: select, onDidChangeChatModels: this.changed.event },
    } as unknown as LanguageModels
  }
}
