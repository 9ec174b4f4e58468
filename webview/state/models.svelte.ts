/** The models that can be chosen, fetched when the picker first opens and forgotten when the host says they changed. */
import type { ModelChoices, ModelGroup, ModelRef, OwnExperience } from '../../src/shared/protocol.ts'
import type { Bridge } from '../bridge.ts'
import { isSame } from './model-words.ts'
import type { Filter } from './picker.ts'

const MOST_RECENT = 8

const LABELS: Record<string, string> = {
  anthropic: 'Anthropic',
  openai: 'OpenAI',
  google: 'Google Gemini',
  openrouter: 'OpenRouter',
  ollama: 'Ollama',
  litellm: 'LiteLLM',
  compatible: 'OpenAI-compatible server',
  vscode: 'VS Code',
}

export class ModelStore {
  groups: ModelGroup[] | undefined = $state.raw()
  favourites: ModelRef[] = $state.raw([])
  /** Newest first. */
  recent: ModelRef[] = $state.raw([])
  own: OwnExperience | undefined = $state.raw()
  /** What the picker shows of them. Kept for as long as the page lives. */
  filter: Filter = $state.raw({ wants: [] })
  /** What the next choice is for, where it is not for the chat: it is taken away when the picker closes. */
  instead: { title: string; choose(model: ModelRef): void } | undefined = $state.raw()
  loading = $state(false)
  problem: string | undefined = $state()
  readonly #bridge: Bridge
  /** What is known, or being asked for, was overtaken by a change. */
  #stale = true

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  async load(refresh = false): Promise<void> {
    if (this.loading || (!this.#stale && !refresh)) return
    this.loading = true
    this.problem = undefined
    try {
      let choices: ModelChoices
      do {
        this.#stale = false
        choices = await this.#bridge.ask('models', { refresh })
      } while (this.#stale)
      this.groups = choices.groups
      this.favourites = choices.favourites
      this.recent = choices.recent
      this.own = choices.own
    } catch (error) {
      this.#stale = true
      this.problem = error instanceof Error ? error.message : String(error)
    }
    this.loading = false
  }

  /** What is known is stale. It stays on show until the host has told what is true now; the next reader asks again. */
  forget(): void {
    this.#stale = true
    if (this.groups) void this.load()
  }

  isFavourite(ref: ModelRef): boolean {
    return this.favourites.some((other) => isSame(other, ref))
  }

  /** Shown at once; taken back where the host could not keep it, with its reason as the error. */
  async favour(ref: ModelRef, on: boolean): Promise<void> {
    const mark = (marked: boolean): void => {
      const others = this.favourites.filter((other) => !isSame(other, ref))
      this.favourites = marked ? [...others, ref] : others
    }
    mark(on)
    // What is on its way was told before.
    this.#stale ||= this.loading
    try {
      await this.#bridge.ask('favourite', { ...ref, on })
    } catch (error) {
      mark(!on)
      throw error
    }
  }

  /** The model was chosen: the host writes it down as well. */
  used(ref: ModelRef): void {
    this.recent = [ref, ...this.recent.filter((other) => !isSame(other, ref))].slice(0, MOST_RECENT)
  }

  label(provider: string): string {
    return this.#group(provider)?.label ?? LABELS[provider] ?? provider
  }

  /** The model's name for people; its id where no more is known. */
  name(provider: string, model: string): string {
    return this.#group(provider)?.models.find(({ id }) => id === model)?.name ?? model
  }

  #group(provider: string): ModelGroup | undefined {
    return this.groups?.find((group) => group.provider === provider)
  }
}
