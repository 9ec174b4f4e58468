/** An upstream that fails in every way at every point, and knows the whole answer: asked to go on, it does. */
import type { FailureCode } from '../../src/shared/failure.ts'
import { fakes } from '../harness/fakes/index.ts'
import type { FakeUsage } from '../harness/fakes/fake.ts'
import type { FakeKind } from '../harness/fakes/index.ts'
import { FakeTurn } from '../harness/fake-providers.ts'
import { startScriptedServer } from '../harness/scripted-server.ts'
import type { ScriptedServer, Script } from '../harness/scripted-server.ts'

export const kinds: FakeKind[] = ['anthropic', 'openai', 'google', 'openrouter', 'ollama', 'litellm', 'compatible']

/** From 0 up to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** `codes`: what it may be called. `final`: never tried again. `at`: of the rest of the answer, as a share. */
export type Fault = { codes: FailureCode[]; final?: true } & (
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  | { kind: 'unheard' | 'silent' | 'headless' | 'nonsense' }
  | { kind: 'drop' | 'truncate' | 'stall' | 'garbage' | 'thought' | 'counted'; at: number }
)

const WORDS = 'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mü nü xi 零 一 二 三'.split(' ')
/** What is thought before a connection drops. */
export const THOUGHT = 'Hm, let me see.'
/** Answers after this many faults come whole. */
const MOST_FAULTS = 6

/** One question, what its upstream does to it, and what it saw. */
export class Run {
  readonly id: number
  readonly kind: FakeKind
  readonly whole: string
  readonly faults: Fault[]
  /** What was done to each request; undefined where it was answered. */
  readonly done: (Fault | undefined)[] = []
  readonly turns: FakeTurn[] = []
  /** What each request was told that it used; undefined where nothing of that was said. */
  readonly told: (FakeUsage | undefined)[] = []
  readonly random: () => number
  /** A team pays for it. */
  readonly shared: boolean
  open = 0

  constructor(id: number, kind: FakeKind, seed: number, shared: boolean) {
    this.id = id
    this.shared = shared
    this.kind = kind
    this.random = seeded(seed)
    const words = Array.from({ length: 8 + this.#below(40) }, (_, at) => `${this.#one(WORDS)}${at}`)
    this.whole = words.join(' ')
    this.faults = Array.from({ length: this.#below(MOST_FAULTS) }, () => this.#fault())
  }

  get provider(): string {
    return this.shared ? `team-${this.kind}` : this.kind
  }

  get question(): string {
    return `Run ${this.id}.`
  }

  #below(most: number): number {
    return Math.floor(this.random() * most)
  }

  #one<T>(all: readonly T[]): T {
    return all[this.#below(all.length)]!
  }

  #fault(): Fault {
    const at = this.random()
    const soon = this.#one([{}, { 'retry-after': '0' }, { 'retry-after-ms': '1' }, { 'x-ratelimit-reset': '0' }])
    return this.#one<() => Fault>([
      () => ({ kind: 'status', status: 429, headers: soon, codes: ['rate-limit'] }),
      () => ({ kind: 'status', status: 429, headers: { 'retry-after': '9999' }, codes: ['rate-limit'], final: true }),
      () => ({ kind: 'status', status: 500, headers: soon, codes: ['unavailable'] }),
      () => ({ kind: 'status', status: 502, codes: ['unavailable'] }),
      () => ({ kind: 'status', status: 503, headers: soon, codes: ['unavailable', 'overloaded'] }),
      () => ({ kind: 'status', status: 529, codes: ['overloaded'] }),
      () => ({ kind: 'status', status: 408, codes: ['timeout'] }),
      () => ({ kind: 'status', status: 400, codes: ['invalid-request'], final: true }),
      () => ({ kind: 'status', status: 401, codes: ['auth'], final: true }),
      () => ({ kind: 'status', status: 403, codes: ['permission'], final: true }),
      () => ({ kind: 'unheard', codes: ['network'] }),
      () => ({ kind: 'headless', codes: ['network', 'truncated', 'malformed'] }),
      () => ({ kind: 'nonsense', codes: ['malformed', 'truncated'] }),
      () => ({ kind: 'silent', codes: ['timeout'] }),
      () => ({ kind: 'stall', at, codes: ['timeout'] }),
      () => ({ kind: 'drop', at, codes: ['network', 'truncated'] }),
      () => ({ kind: 'drop', at, codes: ['network', 'truncated'] }),
      () => ({ kind: 'truncate', at, codes: ['truncated'] }),
      () => ({ kind: 'truncate', at, codes: ['truncated'] }),
      () => ({ kind: 'garbage', at, codes: ['malformed', 'truncated'] }),
      () => ({ kind: 'thought', at, codes: ['network', 'truncated'] }),
      () => ({ kind: 'counted', at, codes: ['truncated'] }),
      () => ({ kind: 'counted', at, codes: ['truncated'] }),
    ])()
  }

  async play(script: Script, turn: FakeTurn): Promise<void> {
    this.open++
    void turn.closed.then(() => this.open--)
    this.turns.push(turn)
    const fault = this.faults[this.done.length]
    const place = this.done.push(fault) - 1
    this.told[place] = undefined
    const rest = this.#rest(turn)
    if (!fault) {
      await this.#say(turn, rest)
      this.told[place] = this.#usage()
      return turn.finish(this.told[place])
    }
    switch (fault.kind) {
      case 'status':
        return turn.fail(fault.status, 'error', 'Something odd.', fault.headers)
      case 'unheard':
        return turn.drop()
      case 'silent':
        return script.silence()
      case 'headless':
        script.sse()
        return turn.drop()
      case 'nonsense':
        return turn.garbage()
    }
    if (fault.kind === 'thought') {
      await turn.think(THOUGHT)
      return turn.drop()
    }
    await this.#say(turn, rest.slice(0, Math.floor(rest.length * fault.at)))
    if (fault.kind === 'counted') {
      const usage = { ...this.#usage(), output: 600, thought: 200 }
      if (await turn.count(usage)) this.told[place] = usage
    }
    if (fault.kind === 'stall') return script.silence()
    if (fault.kind === 'drop') return turn.drop()
    if (fault.kind === 'garbage') await script.send('data: {"oops": <<<\n\n\u0000{{{\n')
    turn.truncate()
  }

  /** Of any size, over the tier as well; where the provider has a way to, it says now and then what that costs. */
  #usage(): FakeUsage {
    const output = 1 + this.#below(900)
    const cost = this.kind === 'openrouter' && this.random() < 0.5 ? this.random() / 100 : undefined
    return {
      input: 1 + this.#below(3000),
      output,
      cached: this.#below(2000),
      thought: this.#below(output),
      ...(cost !== undefined && { cost }),
    }
  }

  /** What is left to be said, from where the request leaves off. */
  #rest({ history }: FakeTurn): string {
    const last = history.at(-1)!
    if (last.role === 'assistant' || last.role === 'model') return this.#after(last.text.trimEnd())
    const words = /<last-words>([^]*)<\/last-words>/.exec(last.text)?.[1]
    return words === undefined ? this.whole : words + this.#after(words)
  }

  /** What comes after these words: each word has a number of its own, so they stand in one place. */
  #after(said: string): string {
    const at = this.whole.indexOf(said)
    return at < 0 ? this.whole : this.whole.slice(at + said.length)
  }

  async #say(turn: FakeTurn, text: string): Promise<void> {
    for (let at = 0; at < text.length;) {
      const size = 1 + this.#below(30)
      await turn.say(text.slice(at, at + size))
      at += size
    }
  }
}

/** One server for each provider; which run a request is of stands in its first message. */
export async function startUpstream(kind: FakeKind, runs: Map<number, Run>): Promise<ScriptedServer> {
  const fake = fakes[kind]
  return startScriptedServer(async (script) => {
    const told = fake.reply(script.request)
    if (told !== undefined) return script.json(200, told)
    if (script.request.method === 'GET') return script.json(404, fake.error('not_found', 'There is nothing here.'))
    const turn = new FakeTurn(script, fake)
    const id = /Run (\d+)\./.exec(turn.history.map(({ text }) => text).join('\n'))?.[1]
    const run = runs.get(Number(id))
    if (!run) throw new Error(`a request of no run: ${script.request.body}`)
    await run.play(script, turn)
  })
}
