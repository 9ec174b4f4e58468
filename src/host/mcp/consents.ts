/** Which servers of a workspace's files the person wants to run. Kept for the whole editor, where no workspace writes. */
import { isObject } from '../../shared/json.ts'
import type { Memory } from '../choice.ts'

const KEY = 'panelist.mcp.consents'

export type ConsentVerdict = 'allowed' | 'never'

/** `hash`: of the whole definition. Whatever changes it makes the verdict worth nothing. */
type Consent = { workspace: string; server: string; hash: string; verdict: ConsentVerdict }

export class Consents {
  readonly #memory: Memory
  readonly #workspace: () => string

  /** `workspace`: what names the workspace that is open. */
  constructor(memory: Memory, workspace: () => string) {
    this.#memory = memory
    this.#workspace = workspace
  }

  /** Undefined where this definition was never decided on here. */
  verdict(server: string, hash: string): ConsentVerdict | undefined {
    const workspace = this.#workspace()
    return this.#all.find((one) => one.workspace === workspace && one.server === server && one.hash === hash)?.verdict
  }

  /** One verdict a server: a definition that comes back is asked about again. */
  async keep(server: string, hash: string, verdict: ConsentVerdict): Promise<void> {
    const workspace = this.#workspace()
    const others = this.#all.filter((one) => one.workspace !== workspace || one.server !== server)
    await this.#memory.update(KEY, [...others, { workspace, server, hash, verdict }])
  }

  get #all(): Consent[] {
    const kept = this.#memory.get<unknown>(KEY)
    return Array.isArray(kept) ? kept.filter((one): one is Consent => isObject(one)) : []
  }
}
