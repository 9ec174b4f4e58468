/**
 * Who is asked instead of a provider or key that failed: first another key of the same provider, of those the person marked
 * for it, then the next model of the chain that can take the request. Nothing is asked for twice by this, and nothing goes
 * to a provider that is forbidden.
 */
import type { Failure, FailureCode } from '../shared/failure.ts'
import type { ModelInfo, ProviderId } from '../shared/model.ts'
import type { Asking, Needs, Target } from './admission.ts'
import { whyInstead } from './instead-words.ts'
import type { Alternatives, Instead, Tried } from './plan.ts'
import { nextKey } from './rotation.ts'
import { Sticky } from './sticky.ts'
import type { Standing } from './sticky.ts'

export type FailoverRules = {
  /** The failures after which another model is asked. */
  on: readonly FailureCode[]
  /** Milliseconds: where the same model could be asked again sooner, a passing failure does not move on at first. */
  patience: number
}

/** Neither a refused key nor a refused request: another model would only hide what has to be mended. */
export const defaultRules: FailoverRules = {
  on: ['overloaded', 'unavailable', 'network', 'timeout', 'quota', 'rate-limit'],
  patience: 10_000,
}

/** What is known of a model of the chain. `usable`: its provider is there and has a key, by the name of `keyProfile`. */
export type Look = { label: string; info?: ModelInfo; usable: boolean; keyProfile?: string }

export type ModelRef = Pick<Target, 'provider' | 'model'>

export type FailoverParts = {
  rules(): FailoverRules
  /** The models for this request, in order; the one that was chosen may be among them. */
  chain(asking: Asking): Promise<readonly ModelRef[]>
  look(model: ModelRef): Promise<Look | undefined>
  /** True where it failed lately, or is left alone for now: somebody else is asked first. */
  isDown?(target: Target): boolean
  /** The keys of a provider that the person marked as standing in for each other, in order, as far as they can be used. */
  keys(provider: ProviderId): Promise<readonly string[]>
  isForbidden(provider: ProviderId, asking: Pick<Asking, 'conversation'>): boolean
  /** Epoch milliseconds. */
  now(): number
}

export class Failover implements Alternatives {
  readonly #parts: FailoverParts
  readonly #sticky: Sticky

  constructor(parts: FailoverParts) {
    this.#parts = parts
    this.#sticky = new Sticky(() => parts.now())
  }

  /**
   * Who answers for now in place of this target, because it failed a while ago in the same conversation: for as long as the
   * person has it stand in. `asks`: the request it is to take, where there is one.
   */
  async kept(
    conversation: string | undefined,
    target: Target,
    asks: () => Pick<Asking, 'inputTokens' | 'needs'> = () => ({ inputTokens: 0 }),
  ): Promise<Standing | undefined> {
    const kept = this.#sticky.get(conversation, target)
    if (!kept) return undefined
    const asking = { ...asks(), target, ...(conversation !== undefined && { conversation }) }
    return (await this.#mayStay(kept.target, asking)) ? kept : undefined
  }

  /** From now on the target that was chosen is asked again. */
  goBack(conversation: string | undefined, target: Target): void {
    this.#sticky.forget(conversation, target)
  }

  /** True where somebody else could be asked at a limit of rate, so that waiting for long is not the only way to an answer. */
  async hasOthers(asking: Asking): Promise<boolean> {
    const { target, tried = [] } = asking
    const { keys, rules, chain } = this.#parts
    if (asking.alone) return false
    const others = nextKey(target, await keys(target.provider), tried)
    if (others !== undefined) return true
    if (asking.sameModel || !rules().on.includes('rate-limit')) return false
    const first = this.#sticky.first(asking.conversation, target)
    const models = candidates([first, ...(await chain(asking))], tried).filter((model) => !isSameModel(model, target))
    for (const model of models) if (await this.#look(model, asking)) return true
    return false
  }

  async instead(
    asking: Asking,
    tried: readonly Tried[],
    left: number | undefined,
    signal: AbortSignal,
  ): Promise<Instead | undefined> {
    const failed = tried.at(-1)
    if (!failed) return undefined
    const first = this.#sticky.first(asking.conversation, tried[0]!.target)
    const key = await this.#key(failed, tried, this.#because(asking, first, failed.target))
    const found = key ?? (asking.sameModel ? undefined : await this.#model(asking, failed, tried, left, first, signal))
    if (signal.aborted) return undefined
    // Without a key nothing is sent in vain: the one that was chosen is asked as soon as it has one.
    const how = found && !isSameModel(found.target, first) ? 'model' : 'key'
    if (found && !hasNoKey(tried[0]!.failure)) this.#sticky.keep(asking.conversation, first, { ...found, how })
    else if (left === undefined && !asking.sameModel) this.#sticky.forget(asking.conversation, first)
    return found
  }

  /** Why this model was asked in place of the first, where it is another one. */
  #because({ conversation }: Asking, first: Target, target: Target): string | undefined {
    const kept = this.#sticky.get(conversation, first)
    return kept?.how === 'model' && isSameModel(kept.target, target) ? (kept.because ?? kept.sentence) : undefined
  }

  async #key(
    { target, failure }: Tried,
    tried: readonly Tried[],
    because: string | undefined,
  ): Promise<Instead | undefined> {
    if (failure.code !== 'rate-limit' && failure.code !== 'quota') return undefined
    const keyProfile = nextKey(target, await this.#parts.keys(target.provider), tried)
    if (keyProfile === undefined) return undefined
    const why = `The key “${target.keyProfile}” ${LIMITS[failure.code]}; answered with the key “${keyProfile}”.`
    const sentence = because === undefined ? why : `${because} ${why}`
    return { target: { ...target, keyProfile }, how: 'key', sentence, ...(because !== undefined && { because }) }
  }

  async #model(
    asking: Asking,
    failed: Tried,
    tried: readonly Tried[],
    left: number | undefined,
    first: Target,
    signal: AbortSignal,
  ): Promise<Instead | undefined> {
    const times = tried.filter(({ target }) => isSameModel(target, failed.target)).length
    if (!movesOn(failed.failure, left, times, this.#parts.rules())) return undefined
    let found: { model: ModelRef; look: Look } | undefined
    for (const model of candidates([first, ...(await this.#parts.chain(asking))], tried)) {
      if (signal.aborted) return undefined
      const look = await this.#look(model, asking)
      if (!look) continue
      const { keyProfile } = look
      const isDown = this.#parts.isDown?.({ ...model, ...(keyProfile !== undefined && { keyProfile }) }) ?? false
      // One that is down is asked only where nobody else of the chain can be.
      if (!found || !isDown) found = { model, look }
      if (!isDown) break
    }
    if (!found) return undefined
    const { model, look } = found
    return { target: { ...model }, how: 'model', sentence: await this.#sentence(tried, model, look) }
  }

  /** Keys and chain may be others by now. A request that the one that was chosen cannot take either sends nobody away. */
  async #mayStay({ keyProfile, ...model }: Target, asking: Asking): Promise<boolean> {
    const { target } = asking
    if (this.#parts.isForbidden(model.provider, asking)) return false
    const isSame = isSameModel(model, target)
    const marked = keyProfile === undefined ? [] : await this.#parts.keys(model.provider)
    const needed = [keyProfile, isSame ? target.keyProfile : undefined].filter((key) => key !== undefined)
    if (!needed.every((key) => marked.includes(key))) return false
    if (isSame) return true
    if (!(await this.#parts.chain(asking)).some((one) => isSameModel(one, model))) return false
    const [its, own] = [await this.#parts.look(model), await this.#parts.look(target)]
    if (!its?.usable) return false
    return whyNot(its.info, asking) === undefined || whyNot(own?.info, asking) !== undefined
  }

  /** Undefined where it cannot take the request. */
  async #look(model: ModelRef, asking: Asking): Promise<Look | undefined> {
    if (this.#parts.isForbidden(model.provider, asking)) return undefined
    const look = await this.#parts.look(model)
    return look?.usable && whyNot(look.info, asking) === undefined ? look : undefined
  }

  /** Names every model that was asked in vain, with how it failed last. */
  async #sentence(tried: readonly Tried[], model: ModelRef, look: Look): Promise<string> {
    const failed = new Map<string, Tried>()
    for (const one of tried) failed.set(`${one.target.provider} ${one.target.model}`, one)
    const named = await Promise.all(
      [...failed.values()].map(async ({ target, failure }) => ({
        failure,
        ...namesOf(target, await this.#parts.look(target)),
      })),
    )
    return whyInstead(named, namesOf(model, look))
  }
}

const LIMITS = { 'rate-limit': 'reached its limit', quota: 'has nothing left to spend' } as const

const namesOf = ({ provider, model }: ModelRef, look: Look | undefined): { provider: string; model: string } => ({
  provider: look?.label ?? provider,
  model: look?.info?.name ?? model,
})

/** Nobody was asked, because there is no key to ask with. */
const hasNoKey = ({ code, status }: Failure): boolean => code === 'auth' && status === undefined

export const isSameModel = (one: ModelRef, other: ModelRef): boolean =>
  one.provider === other.provider && one.model === other.model

/**
 * Whether another model is asked now. `left`: in how many milliseconds the same would be asked again. `times`: how often it
 * was asked. What passes by itself gets one repetition first, and a limit of rate all of them, where they come soon.
 */
export function movesOn({ code }: Failure, left: number | undefined, times: number, rules: FailoverRules): boolean {
  if (!rules.on.includes(code)) return false
  if (left === undefined || left > rules.patience) return true
  if (code === 'rate-limit') return false
  return code === 'timeout' || times > 1
}

/** Those of the chain that were not asked yet, each once, in their order. */
export function candidates(chain: readonly ModelRef[], tried: readonly Pick<Tried, 'target'>[]): ModelRef[] {
  const left: ModelRef[] = []
  for (const { provider, model } of chain) {
    const one = { provider, model }
    const known = left.some((other) => isSameModel(other, one))
    if (!known && !tried.some(({ target }) => isSameModel(target, one))) left.push(one)
  }
  return left
}

/** The least room for an answer, in tokens. */
const LEAST_ANSWER = 512

/** Why a model cannot take the request, as far as anything is known of it; undefined where it can. */
export function whyNot(
  info: ModelInfo | undefined,
  { inputTokens, needs }: Pick<Asking, 'inputTokens' | 'needs'>,
): keyof Needs | 'window' | undefined {
  if (needs?.tools && info?.tools === false) return 'tools'
  if (needs?.images && info?.images === false) return 'images'
  if (needs?.pdfs && info?.pdfs === false) return 'pdfs'
  if (info?.contextWindow !== undefined && inputTokens + LEAST_ANSWER > info.contextWindow) return 'window'
  return undefined
}
