/** Models: which there are, which answers next, and what is chosen beside it. */
import type { AgentId } from '../agent.ts'
import type { Choice, ConversationId } from '../conversation.ts'
import type { Failure } from '../failure.ts'
import type { ModelInfo, ProviderId } from '../model.ts'
import type { Empty } from './empty.ts'
import type { OwnExperience } from './usage.ts'

/**
 * Whether a provider can be used as it is. `memory`: a key is set, but will be lost when the window closes. `absent`: it
 * needs no key, but it is not there: no server of that kind runs, the editor has no models. `barred`: nothing may be sent
 * to it.
 */
export type KeyStatus = 'set' | 'environment' | 'memory' | 'missing' | 'rejected' | 'not-needed' | 'absent' | 'barred'

/** True for a provider that can answer, as far as its key tells. */
export function isUsable(status: KeyStatus): boolean {
  return status !== 'missing' && status !== 'absent' && status !== 'barred'
}

/** A key under the name the person gave it; `environment` is the variable of the provider's own tools. */
export type KeyProfile = {
  name: string
  /** `missing`: its key is for another endpoint than the present one. */
  status: KeyStatus
  /** True for the one that counts where nobody chose another. */
  inUse?: true
  envVar?: string
}

/** A model by what requests name. */
export type ModelRef = { provider: ProviderId; model: string }

/** Something that can be used at once, found on this machine. `detail`: one sentence that says where. */
export type FoundProvider = {
  kind: 'environment' | 'running' | 'editor'
  provider: ProviderId
  label: string
  detail: string
}

export type ModelGroup = {
  provider: ProviderId
  label: string
  key: KeyStatus
  /** The names of the keys one can choose from, where there are several. */
  keyProfiles?: string[]
  /** The environment variable in use, where `key` is `environment`. Its name, never its value. */
  envVar?: string
  /** True for the local demo provider. */
  demo?: true
  /** True where it is a server on this machine that runs the models itself. */
  local?: true
  models: ModelInfo[]
  /** Why the list could not be fetched; `models` then holds what is known without the provider. */
  failure?: Failure
}

/** All that can be chosen, what of it the person likes and used last, newest first, and what they saw of it. */
export type ModelChoices = { groups: ModelGroup[]; favourites: ModelRef[]; recent: ModelRef[]; own?: OwnExperience }

/** The model that answers next, and where that choice comes from. */
export type Chosen = Choice & {
  origin: 'conversation' | 'agent' | 'workspace' | 'user' | 'default'
  providerLabel: string
  key: KeyStatus
  demo?: true
  /** Limits, abilities and price, where known. */
  info?: ModelInfo
  /** Tokens, after settings and overrides. */
  outputLimit?: number
  /** True where `outputLimit` is a fallback that nobody told us. */
  outputGuessed?: true
  /** True where `keyProfile` was chosen for this conversation. */
  keyChosen?: true
  /** The agent that is asked. `model`: the one its file names, where the conversation has another. */
  agent?: { id: AgentId; name: string; model?: string }
}

/** What is chosen beside the model: absent leaves it as it is, null goes back to what the settings say. */
export type ChoiceOptions = {
  [Field in 'maxOutputTokens' | 'thinking' | 'keyProfile' | 'failover']?: NonNullable<Choice[Field]> | null
}

/** Who says that nothing may be sent to a provider: the person's settings, those of the workspace, or the chat itself. */
export type BarredBy = 'user' | 'workspace' | 'chat'

/** `label`: what the provider is called. */
export type Barred = { provider: ProviderId; label: string; by: BarredBy }

export type ModelRequests = {
  /** `refresh` asks the providers again instead of answering from what is known. */
  models: [{ refresh: boolean }, ModelChoices]
  choose: [ModelRef & { keyProfile?: string }, Empty]
  /** Limits of this conversation beside its model; null takes one back. `conversation`: where that may not be the shown one. */
  options: [ChoiceOptions & { conversation?: ConversationId }, Empty]
  /** All the providers that this conversation forbids from now on, beside those of the settings. */
  'never-send': [{ providers: ProviderId[] }, Empty]
  favourite: [ModelRef & { on: boolean }, Empty]
  /** What is already there; nothing once the person has chosen a model. */
  discover: [Empty, FoundProvider[]]
  /** Makes something found the provider of new chats. */
  adopt: [{ provider: ProviderId }, Empty]
}
