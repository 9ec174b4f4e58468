/** Which of our models a file means: `claude-sonnet-4-5`, `Claude Sonnet 4.5 (copilot)`, `openrouter/openai/gpt-5`. */
import type { ModelRef } from '../../shared/protocol.ts'
import type { ModelInfo } from '../../shared/model.ts'

/** A provider the person can choose, in the order they are offered, and what is known of its models. */
export type KnownModels = {
  provider: string
  label: string
  editor?: boolean
  models: readonly Pick<ModelInfo, 'id' | 'name'>[]
}

/**
 * What the name may mean, best first; nothing where nobody has such a model. Of a provider that is named any id is
 * taken, also one that its list does not have. `(copilot)` and other vendors in brackets are those of VS Code's models:
 * a provider of the person's own that has the model stands before them.
 */
export function modelsNamed(written: string, provider: string | undefined, known: readonly KnownModels[]): ModelRef[] {
  const { name, vendor } = withoutVendor(written)
  if (provider !== undefined) return [{ provider, model: idIn(known, provider, name) ?? name }]
  const slash = name.indexOf('/')
  const owner = known.find((one) => one.provider === name.slice(0, Math.max(0, slash)))
  const refs: ModelRef[] = []
  if (owner) {
    const model = name.slice(slash + 1).trim()
    if (model !== '') refs.push({ provider: owner.provider, model: idIn(known, owner.provider, model) ?? model })
  }
  const isVendor = ({ provider: id, label }: KnownModels): boolean =>
    vendor !== undefined && [id, plain(label)].includes(plain(vendor))
  const order = [...known].sort((one, other) => rank(one, isVendor) - rank(other, isVendor))
  for (const { provider: id } of order) {
    const model = idIn(known, id, name)
    if (model !== undefined && !refs.some((ref) => ref.provider === id && ref.model === model)) {
      refs.push({ provider: id, model })
    }
  }
  return refs
}

function rank(one: KnownModels, isVendor: (one: KnownModels) => boolean): number {
  if (isVendor(one)) return 0
  return one.editor ? 2 : 1
}

/** By id, else by the name people know it by. */
function idIn(known: readonly KnownModels[], provider: string, name: string): string | undefined {
  const models = known.find((one) => one.provider === provider)?.models ?? []
  const wanted = plain(name)
  const found =
    models.find(({ id }) => id === name) ??
    models.find((model) => plain(model.name) === wanted) ??
    models.find(({ id }) => plain(id) === wanted)
  return found?.id
}

function withoutVendor(written: string): { name: string; vendor?: string } {
  const found = /^(.*\S)\s*\(([^()]+)\)$/.exec(written.trim())
  return found?.[1] && found[2] ? { name: found[1], vendor: found[2] } : { name: written.trim() }
}

/** `Claude Sonnet 4.5` and `claude-sonnet-4-5` are the same words. */
const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
