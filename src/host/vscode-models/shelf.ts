/** The models that VS Code offers, under ids of ours, and what it tells of each. */
import { isObject } from '../../shared/json.ts'
import type { ModelInfo } from '../../shared/model.ts'
import type { ChatModel, LanguageModels } from './api.ts'

/** Two vendors may use one id for two models, so ours begins with the vendor. It stays the same over restarts. */
export function idOf({ vendor, id }: Pick<ChatModel, 'vendor' | 'id'>): string {
  return `${vendor}/${id}`
}

/** True where the model of that id is one of this model's vendor. */
export function isOfVendor(id: string, { vendor }: Pick<ChatModel, 'vendor'>): boolean {
  return id.startsWith(`${vendor}/`)
}

export function infoOf(model: ChatModel): ModelInfo {
  return {
    id: idOf(model),
    provider: 'vscode',
    name: model.name || model.id,
    ...(model.maxInputTokens > 0 && { contextWindow: model.maxInputTokens }),
    ...abilitiesOf(model),
    source: 'provider',
    note: `From “${model.vendor}” through VS Code, which tells neither usage nor cost: tokens are estimated where the vendor does not count them.`,
  }
}

/** VS Code tells abilities at run time (seen in 1.139); its stable types do not have the field yet. */
export function abilitiesOf(model: ChatModel): Pick<ModelInfo, 'tools' | 'images'> {
  const told: unknown = 'capabilities' in model ? model.capabilities : undefined
  if (!isObject(told)) return {}
  const { supportsToolCalling: tools, supportsImageToText: images } = told
  return { ...(typeof tools === 'boolean' && { tools }), ...(typeof images === 'boolean' && { images }) }
}

/** Keeps what was selected last: a handle stays good for as long as VS Code has the model. */
export class Shelf {
  readonly #lm: LanguageModels['lm']
  readonly #held = new Map<string, ChatModel>()

  constructor(lm: LanguageModels['lm']) {
    this.#lm = lm
  }

  /**
   * All of them, by our ids. Activates every extension that brings models, and each may ask a server for its list.
   * Of two models with one id, as one vendor's two accounts can have, the first is taken: the API cannot tell them apart.
   */
  async all(): Promise<Map<string, ChatModel>> {
    const models = new Map<string, ChatModel>()
    for (const model of await this.#lm.selectChatModels({})) {
      if (!models.has(idOf(model))) models.set(idOf(model), model)
    }
    this.#held.clear()
    for (const [id, model] of models) this.#held.set(id, model)
    return models
  }

  /** One of them; only its own vendor is asked. */
  async find(id: string): Promise<ChatModel | undefined> {
    const held = this.#held.get(id)
    if (held) return held
    for (const vendor of vendorsIn(id)) {
      const models = await this.#lm.selectChatModels({ vendor })
      const found = models.find((model) => idOf(model) === id)
      if (!found) continue
      this.#held.set(id, found)
      return found
    }
    return undefined
  }

  /** To be called when VS Code says that its models changed. */
  forget(): void {
    this.#held.clear()
  }
}

/** Whose the id can be: a vendor's name may hold a slash, and so may a model's. */
function vendorsIn(id: string): string[] {
  const parts = id.split('/')
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'))
}
