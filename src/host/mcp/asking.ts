/** Asks the person whether a server of a workspace's file may run, by its whole definition. */
import type { ConfiguredServer } from '../../mcp/configuration/definition.ts'
import type { Consents } from './consents.ts'
import type { McpBoxes } from './desk.ts'
import { inFull, PLACES } from './words.ts'

export type AskingParts = {
  boxes: Pick<McpBoxes, 'choose'>
  consents: Consents
  /** Of the whole definition, as it stands when this is called. */
  hashOf(server: ConfiguredServer): Promise<string>
  /** Milliseconds in which nobody has read a dialog. */
  readingTime?: number
}

const READING_TIME = 700

export class Asking {
  readonly #parts: AskingParts
  /** Definitions that were asked about in this window. */
  readonly #asked = new Set<string>()
  /** One dialog at a time. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: AskingParts) {
    this.#parts = parts
  }

  /** As `ask`, but never twice in a window for the same definition: what was put off is the person's to take up. */
  async askOnce(server: ConfiguredServer): Promise<boolean> {
    const definition = JSON.stringify([server.name, await this.#parts.hashOf(server)])
    if (this.#asked.has(definition)) return false
    this.#asked.add(definition)
    return this.ask(server)
  }

  /** True where the person decided. What is kept is for what was shown, whatever the file has become meanwhile. */
  ask(server: ConfiguredServer): Promise<boolean> {
    const asking = this.#last.then(() => this.#ask(server))
    this.#last = asking.catch(() => undefined)
    return asking
  }

  async #ask(server: ConfiguredServer): Promise<boolean> {
    const { boxes, consents, hashOf } = this.#parts
    const hash = await hashOf(server)
    const question = `Allow the MCP server ${server.name} of ${PLACES[server.origin]}?`
    const detail = `${inFull(server)}\n\nIt would run with your rights on this machine. You are asked again when any of this changes.`
    const answer = await this.#unhurried(() => boxes.choose(question, detail, ['Allow', 'Never'], 'Not Now'))
    if (answer !== 'Allow' && answer !== 'Never') return false
    await consents.keep(server.name, hash, answer === 'Allow' ? 'allowed' : 'never')
    return true
  }

  /** A dialog may come up under the fingers of one who types: what is answered before it can be read is asked again. */
  async #unhurried(ask: () => Promise<string | undefined>): Promise<string | undefined> {
    for (;;) {
      const shown = Date.now()
      const answer = await ask()
      if (answer === undefined || Date.now() - shown >= (this.#parts.readingTime ?? READING_TIME)) return answer
    }
  }
}
