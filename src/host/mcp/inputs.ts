/** What definitions ask a person for. Answers are secrets, each for one definition: a changed one is asked anew. */
import type { ConfiguredServer, McpInput } from '../../mcp/configuration/definition.ts'
import { definitionHash } from '../../mcp/hash.ts'
import type { SecretStore } from '../../mcp/oauth/ports.ts'
import { isObject, parseJson } from '../../shared/json.ts'
import { digestOf } from '../../tools/digest.ts'
import type { McpBoxes } from './desk.ts'

export class Inputs {
  readonly #secrets: SecretStore
  readonly #boxes: McpBoxes
  readonly #workspace: () => string
  /** What was filled in by this window, to be kept out of the log. */
  readonly #values = new Set<string>()
  /** A person has one box to answer in. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(secrets: SecretStore, boxes: McpBoxes, workspace: () => string) {
    this.#secrets = secrets
    this.#boxes = boxes
    this.#workspace = workspace
  }

  /** What was given for this definition before, or what the person gives now; undefined where they leave. */
  async value(server: ConfiguredServer, input: McpInput, signal: AbortSignal): Promise<string | undefined> {
    const key = keyOf(server, input)
    const kept = parseJson((await this.#secrets.get(key)) ?? 'null')
    if (isObject(kept) && kept.for === this.#binding(server) && typeof kept.value === 'string')
      return this.#note(kept.value)
    const asking = this.#last.then(() => (signal.aborted ? undefined : this.#ask(server, input, signal)))
    this.#last = asking.catch(() => undefined)
    const given = await asking
    if (given === undefined) return undefined
    await this.#secrets.set(key, JSON.stringify({ for: this.#binding(server), value: given }))
    return this.#note(given)
  }

  /** The next start asks again. */
  async forget(server: ConfiguredServer): Promise<void> {
    await Promise.all(server.inputs.map((input) => this.#secrets.delete(keyOf(server, input))))
  }

  /** The text without anything a person gave. */
  redact(text: string): string {
    let clean = text
    for (const value of this.#values) clean = clean.replaceAll(value, '[redacted]')
    return clean
  }

  async #ask(server: ConfiguredServer, input: McpInput, signal: AbortSignal): Promise<string | undefined> {
    const title = `MCP server ${server.name}: ${input.id}`
    const prompt = input.description || `A value for ${input.id}`
    if (input.type === 'pick') {
      const items = input.options.map((option) => ({
        label: option,
        description: option === input.default ? 'usual' : '',
        value: option,
      }))
      return (await this.#boxes.pick(items, { title, placeHolder: prompt }, signal))?.value
    }
    const more = input.default === undefined ? {} : { value: input.default }
    return this.#boxes.ask({ title, prompt, secret: input.secret, check: () => undefined, ...more }, signal)
  }

  /** A file of another workspace gets nothing, though it spells the same. */
  #binding(server: ConfiguredServer): string {
    return digestOf([definitionHash(server), server.origin === 'settings' ? null : this.#workspace()])
  }

  #note(value: string): string {
    // Shorter ones would tear holes into every line.
    if (value.length >= 4) this.#values.add(value)
    return value
  }
}

function keyOf(server: ConfiguredServer, input: McpInput): string {
  return `panelist.mcp.input.${server.name}.${input.id}`
}
