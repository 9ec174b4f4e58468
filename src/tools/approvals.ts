/**
 * What people have allowed. One grant is a tool by the hash of its whole definition, a scope, and how long it counts. What
 * counts for ever is told to `save`, which keeps it where no workspace can write.
 */
import { randomUUID } from 'node:crypto'
import type { Json } from '../shared/json.ts'
import type { ApprovalDecision, ApprovalRequest, Preview } from '../shared/tool-state.ts'
import type { ShellKind } from './command-line.ts'
import { hidesSomething } from './command-line.ts'
import type { PathPort } from './protected-paths.ts'
import { judgePath } from './protected-paths.ts'
import { mentionsProtected } from './mentions.ts'
import { HIDDEN } from './exactly.ts'
import type { Offer, Offers, Scope } from './scope.ts'
import { covers, hashOf, kept, offersFor } from './scope.ts'
import type { Tool } from './tool.ts'

export type Grant = {
  id: string
  /** `hashOf` the tool. */
  tool: string
  /** For the page that lists grants. */
  title: string
  sentence: string
  /** The command, address, files or arguments that it is for, where the sentence does not say. */
  exactly?: string
  scope: Scope
  /** Epoch milliseconds. */
  grantedAt: number
  /** Absent: it counts until it is revoked. */
  conversation?: string
  /** The folder URI it was granted in. It counts nowhere else, because paths and commands mean something else there. */
  workspace?: string
}

/** A call that is about to run. `input` fits the schema. */
export type Call = {
  callId: string
  tool: Tool
  input: Json
  preview: Preview
  summary: string
  conversation: string
  /** What a command of it runs in, where that is not the terminal. */
  shell?: ShellKind
}

export type Verdict =
  { kind: 'run'; because: 'reads' | 'granted' } | { kind: 'ask'; request: ApprovalRequest; tool: Tool; offers: Offers }

export type ApprovalPorts = {
  paths(): PathPort
  /** Of the terminal that commands run in. */
  shell(): ShellKind
  workspace(): string | undefined
  /** The person's setting: Panelist's own tools that only read run unasked. */
  readsUnasked(): boolean
  /** A text without what looks like a key: a grant is kept in a file that others may read. */
  redact(text: string): string
  save(grants: Grant[]): void
}

export class Approvals {
  readonly #ports: ApprovalPorts
  readonly #kept: () => readonly Grant[]
  /** As of the last change. */
  #known: readonly Grant[] = []

  /** `kept`: what `save` was told last, in whichever window. Without it nothing outlives this one. */
  constructor(ports: ApprovalPorts, kept?: () => readonly Grant[]) {
    this.#ports = ports
    this.#kept = kept ?? (() => this.#known)
  }

  async judge(call: Call): Promise<Verdict> {
    const { tool, input, preview, conversation } = call
    // A server may say of any tool that it only reads.
    if (tool.effect === 'read' && tool.source.kind === 'built-in' && preview.kind === 'arguments') {
      if (this.#ports.readsUnasked()) return { kind: 'run', because: 'reads' }
    }
    const { warnings, files } = await this.#look(call)
    const offers = warnings.length > 0 ? {} : offersFor(tool, input, preview, files, call.shell ?? this.#ports.shell())
    const hash = hashOf(tool)
    const granted = this.#grants.some((grant) => {
      return grant.tool === hash && this.#counts(grant, conversation) && covers(grant.scope, offers)
    })
    if (granted) return { kind: 'run', because: 'granted' }
    return { kind: 'ask', request: requestFor(call, warnings, offers, this.#ports), tool, offers }
  }

  /** Keeps what the person decided, where that was offered. True where the call may run. */
  settle(asked: Verdict & { kind: 'ask' }, decision: ApprovalDecision, conversation: string): boolean {
    // It comes from a page: what is no decision we know is none.
    const { kind } = decision
    if (kind === 'some') return leavesSome(asked.request, decision.rejected)
    if (kind !== 'once' && kind !== 'conversation' && kind !== 'always') return false
    const offer = kind === 'once' ? undefined : asked.offers[kind]
    if (!offer) return true
    const { tool } = asked
    const workspace = this.#ports.workspace()
    const grant: Grant = {
      id: randomUUID(),
      tool: hashOf(tool),
      title: tool.title,
      ...kept(offer, (text) => this.#ports.redact(text)),
      grantedAt: Date.now(),
      ...(kind === 'conversation' && { conversation }),
      ...(workspace !== undefined && { workspace }),
    }
    this.#change([...this.#grants, grant])
    return true
  }

  /** Newest first. Without `conversation` those that count for ever. */
  list(conversation?: string): Grant[] {
    return this.#grants.filter((grant) => grant.conversation === conversation).toReversed()
  }

  revoke(id: string): void {
    this.#change(this.#grants.filter((grant) => grant.id !== id))
  }

  /** Forgets what counted for a conversation. */
  forget(conversation: string): void {
    this.#change(this.#grants.filter((grant) => grant.conversation !== conversation))
  }

  #counts({ conversation, workspace }: Grant, here: string): boolean {
    return (conversation === undefined || conversation === here) && workspace === this.#ports.workspace()
  }

  /** Read anew each time: another window may have kept one, or revoked one, which must not count or come back here. */
  get #grants(): Grant[] {
    return [...this.#kept().filter(isLasting), ...this.#known.filter((grant) => !isLasting(grant))]
  }

  #change(grants: readonly Grant[]): void {
    const lasting = grants.filter(isLasting)
    const isNews = lasting.length !== this.#kept().filter(isLasting).length
    this.#known = grants
    if (isNews) this.#ports.save(lasting)
  }

  /** Why nothing remembered may cover the call, and the real paths of its edits. */
  async #look({ tool, input, preview }: Call): Promise<{ warnings: string[]; files: string[] }> {
    const paths = this.#ports.paths()
    if (preview.kind === 'edits') {
      const verdicts = await Promise.all(
        preview.files.map(async (edit) => ({ edit, ...(await judgePath(edit.path, paths)) })),
      )
      const warnings = verdicts.flatMap(({ kind, edit }) => (kind === 'free' ? [] : [WARNINGS[kind](edit.path)]))
      return { warnings, files: verdicts.map((verdict) => verdict.path) }
    }
    if (tool.effect === 'read') return { warnings: [], files: [] }
    const words = preview.kind === 'command' ? [preview.command, preview.cwd ?? ''] : input
    const mentioned = await mentionsProtected(words, paths)
    const warnings = mentioned === undefined ? [] : [WARNINGS.protected(mentioned)]
    if (preview.kind === 'command' && hidesSomething(preview.command)) warnings.push(WARNINGS.hidden)
    return { warnings, files: [] }
  }
}

const isLasting = ({ conversation }: Grant): boolean => conversation === undefined

/** True where the call can do without these of its files, and still has some to do. */
function leavesSome({ divisible, preview }: ApprovalRequest, rejected: unknown): boolean {
  if (!divisible || preview.kind !== 'edits' || !Array.isArray(rejected) || rejected.length === 0) return false
  const paths = new Set(preview.files.map(({ path }) => path))
  return rejected.every((path) => paths.has(path)) && new Set(rejected).size < paths.size
}

/** What “always” comes to, in a sentence. */
function remembered(offer: Offer, ports: ApprovalPorts): string {
  const where = ports.workspace() === undefined ? 'where no folder is open' : 'in this workspace'
  const hides = kept(offer, (text) => ports.redact(text)).exactly?.includes(HIDDEN)
  const secrets = hides ? ' What looks like a secret in it is not kept.' : ''
  return `${offer.sentence}, ${where} and until you revoke it.${secrets}`
}

const WARNINGS = {
  hidden: 'This command holds characters that nobody sees: what runs is not what it looks like.',
  protected: (path: string) =>
    `\`${path}\` is protected, because it decides what runs or what agents may do: it is asked for every time.`,
  outside: (path: string) => `\`${path}\` is not in the workspace: it is asked for every time.`,
}

function requestFor(
  { callId, tool, preview, summary }: Call,
  warnings: string[],
  offers: Offers,
  ports: ApprovalPorts,
): ApprovalRequest {
  const { name, title, source, effect, divisible } = tool
  const { conversation, always } = offers
  const several = preview.kind === 'edits' && preview.files.length > 1
  return {
    callId,
    tool: { name, title, source, effect },
    summary,
    preview,
    warnings,
    offers: {
      ...(conversation && { conversation: conversation.sentence }),
      ...(always && { always: remembered(always, ports) }),
    },
    ...(divisible && several && { divisible }),
  }
}
