/** Whether the servers that need no key are there right now, such as Ollama: they come and go with their program. */
import { boundedJson } from '../bounded-json.ts'
import { get } from './ask.ts'
import { isOllamaVersion } from './known-servers.ts'

/** `unknown`: not asked yet, or somebody is there who does not talk to strangers. */
export type ServerState = 'running' | 'absent' | 'unknown'

/** A provider that speaks Ollama's API, and the base URL it is configured with. It need not be on this machine. */
export type WatchedServer = { provider: string; baseUrl: string }

export type LocalServersPorts = {
  /** Asked anew at each look, so that a changed setting counts at once. */
  servers(): readonly WatchedServer[]
  /** Called at each change of a state, the first answer among them. */
  onChange(provider: string, state: ServerState): void
  fetch?: typeof fetch
  /** Milliseconds until a server counts as silent. Default: 2 s. */
  limit?: number
}

type Seen = { state: ServerState; silent: boolean }

export class LocalServers {
  readonly #ports: LocalServersPorts
  /** By base URL: another address is another server. */
  readonly #seen = new Map<string, Seen>()
  /** The look that is under way at each base URL: there is never a second one. */
  readonly #looks = new Map<string, Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(ports: LocalServersPorts) {
    this.#ports = ports
  }

  /** As of the last look at the address the provider has now. */
  state(provider: string): ServerState {
    const server = this.#ports.servers().find((watched) => watched.provider === provider)
    return (server && this.#seen.get(server.baseUrl)?.state) ?? 'unknown'
  }

  /** Looks now, and is done when every server has answered or been silent for too long. Never throws. */
  async check(): Promise<void> {
    const addresses = new Set(this.#ports.servers().map(({ baseUrl }) => baseUrl))
    for (const address of this.#seen.keys()) if (!addresses.has(address)) this.#seen.delete(address)
    await Promise.all([...addresses].map((address) => this.#lookOnce(address)))
  }

  /** Looks now and then every `interval` milliseconds, until `stop`. Keeps no process alive. */
  start(interval = 10_000): void {
    this.stop()
    this.#timer = setInterval(() => void this.check(), interval)
    this.#timer.unref()
    void this.check()
  }

  /** A look that is under way still ends, within its limit, and tells what it saw. */
  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #lookOnce(address: string): Promise<void> {
    const running = this.#looks.get(address)
    if (running) return running
    const look = this.#look(address).finally(() => this.#looks.delete(address))
    this.#looks.set(address, look)
    return look
  }

  async #look(address: string): Promise<void> {
    const answer = await this.#ask(address)
    const watched = this.#ports.servers().filter(({ baseUrl }) => baseUrl === address)
    if (watched.length === 0) return
    const before = this.#seen.get(address) ?? { state: 'unknown', silent: false }
    const now = following(before, answer)
    this.#seen.set(address, now)
    if (now.state === before.state) return
    for (const { provider } of watched) this.#ports.onChange(provider, now.state)
  }

  async #ask(address: string): Promise<ServerState | 'silent'> {
    const { fetch = globalThis.fetch, limit = 2000 } = this.#ports
    const late = AbortSignal.timeout(limit)
    try {
      const response = await get(`${address.replace(/\/+$/, '')}/api/version`, fetch, late)
      const answer = await boundedJson(response)
      if (response.status === 401 || response.status === 403) return 'unknown'
      return response.ok && isOllamaVersion(answer) ? 'running' : 'absent'
    } catch {
      return late.aborted ? 'silent' : 'absent'
    }
  }
}

/** One silence does not make a running server absent: with a model at work it may answer late. The second does. */
function following(before: Seen, answer: ServerState | 'silent'): Seen {
  if (answer !== 'silent') return { state: answer, silent: false }
  const excused = before.state === 'running' && !before.silent
  return { state: excused ? 'running' : 'absent', silent: true }
}
