/** What an approval covers: a tool as it is defined, and how far. */
import type { Json } from '../shared/json.ts'
import type { ShellKind } from './command-line.ts'
import { plainCommand } from './command-line.ts'
import { digestOf } from './digest.ts'
import { argumentsText, listed } from './exactly.ts'
import type { Preview, Tool } from './tool.ts'

/**
 * `any`: every call of the tool. `arguments`: by their digest. `command`: every word, and where it runs. `origin`: every
 * address of one server. `workspace`: files of the workspace that are not protected. `scope`: another one by its digest,
 * because it holds what looks like a secret and is kept.
 */
export type Scope =
  | { kind: 'any' }
  | { kind: 'arguments'; digest: string }
  | { kind: 'command'; words: string[]; cwd: string; shell: ShellKind }
  | { kind: 'origin'; origin: string }
  | { kind: 'address'; url: string }
  | { kind: 'workspace' }
  | { kind: 'files'; paths: string[] }
  | { kind: 'scope'; digest: string }

/** SHA-256 in hex of all that a person and a model are told of a tool, and of what stands behind it. */
export function hashOf(tool: Tool): string {
  const { name, title, description, inputSchema, source, effect, definition } = tool
  return digestOf([name, title, description, inputSchema, source, effect, definition ?? null])
}

/** A scope, and the sentence a person agrees to. `exactly`: the command, address, files or arguments that it is for. */
export type Offer = { scope: Scope; sentence: string; exactly?: string }
export type Offers = { conversation?: Offer; always?: Offer }

/** What can be remembered of a call. `files`: the real paths of its edits. Nothing for a command that is not plain. */
export function offersFor(tool: Tool, input: Json, preview: Preview, files: string[], shell: ShellKind): Offers {
  switch (preview.kind) {
    case 'arguments':
      return {
        conversation: { scope: { kind: 'any' }, sentence: `Every call of ${tool.title} in this conversation` },
        always: exactly(tool, input),
      }
    case 'command': {
      const words = plainCommand(preview.command, shell)
      if (!words) return {}
      const offer = {
        scope: { kind: 'command' as const, words, cwd: preview.cwd ?? '', shell },
        sentence: `Exactly this command${preview.cwd ? ` in ${preview.cwd}` : ''}`,
        exactly: words.map(quoted).join(' '),
      }
      return { conversation: offer, always: offer }
    }
    case 'address': {
      const url = URL.parse(preview.url)
      if (!url) return {}
      const always: Offer = {
        scope: { kind: 'address', url: url.href },
        sentence: 'Exactly this address',
        exactly: url.href,
      }
      // Addresses of other kinds have no server that they could share.
      if (!/^https?:$/.test(url.protocol)) return { always }
      const { origin } = url
      return { conversation: { scope: { kind: 'origin', origin }, sentence: `Every address of ${origin}` }, always }
    }
    case 'edits':
      return {
        conversation: { scope: { kind: 'workspace' }, sentence: `Every file of the workspace that is not protected` },
        always: {
          scope: { kind: 'files', paths: files.toSorted() },
          sentence: files.length === 1 ? `Every change of ${files[0]}` : `Every change of these ${files.length} files`,
          ...(files.length > 1 && { exactly: files.join('\n') }),
        },
      }
  }
}

const exactly = (tool: Tool, input: Json): Offer => ({
  scope: { kind: 'arguments', digest: digestOf(input) },
  sentence: `${tool.title} with exactly these arguments`,
  exactly: argumentsText(input),
})

/** A word of a command that has to be in quotes to be one. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))

/** An offer as it may be kept: what looks like a secret stands nowhere in it. `redact` takes that out of a text. */
export function kept({ scope, sentence, exactly }: Offer, redact: (text: string) => string): Offer {
  const text = JSON.stringify(scope)
  return {
    scope: redact(text) === text ? scope : { kind: 'scope', digest: digestOf(scope) },
    sentence: redact(sentence),
    ...(exactly !== undefined && { exactly: listed(exactly, redact) }),
  }
}

/** True where what was agreed to holds all that this call could be remembered as. */
export function covers(agreed: Scope, offers: Offers): boolean {
  const { conversation, always } = offers
  const wide = conversation?.scope
  const exact = always?.scope
  switch (agreed.kind) {
    case 'any':
      return wide?.kind === 'any'
    case 'workspace':
      return wide?.kind === 'workspace'
    case 'origin':
      return wide?.kind === 'origin' && wide.origin === agreed.origin
    case 'scope':
      return [wide, exact].some((scope) => scope !== undefined && digestOf(scope) === agreed.digest)
    case 'files':
      return exact?.kind === 'files' && exact.paths.every((each) => agreed.paths.includes(each))
    default:
      return exact !== undefined && digestOf(exact) === digestOf(agreed)
  }
}
