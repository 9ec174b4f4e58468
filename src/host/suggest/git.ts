/** `@changes`, `@staged`, and `@commit:` with a hash or words: what git knows, by the tools that models use as well. */
import type { JsonObject } from '../../shared/json.ts'
import { textOf } from '../../shared/message.ts'
import type { ReadFile } from '../../shared/protocol.ts'
import { gitDiff } from '../../tools/built-in/git/diff.ts'
import { gitLog } from '../../tools/built-in/git/log.ts'
import { locate } from '../../tools/built-in/paths.ts'
import type { Tool } from '../../tools/tool.ts'
import type { ContextDesk } from '../context/desk.ts'
import type { ContextFiles } from '../context/files.ts'
import { baseName } from '../context/files.ts'
import { asContext, filesTaken } from '../context/item.ts'
import { isTopic, wordsOf } from './topics.ts'
import { digestOf } from './suggestions.ts'
import type { Offer, SuggestionSource } from './source.ts'

const TOPIC = 'commit'
const COMMITS = 100
const FRESH = 5_000

export function gitSource(desk: ContextDesk, files: ContextFiles): SuggestionSource {
  const { workspace, git } = desk.ports()
  const tools = { diff: gitDiff(workspace, git), log: gitLog(workspace, git) }
  let known: { at: number; commits: Promise<Commit[]> } | undefined

  const commits = (): Promise<Commit[]> => {
    if (!known || Date.now() - known.at > FRESH) known = { at: Date.now(), commits: list(tools.log, rootsOf(desk)) }
    return known.commits
  }

  return {
    name: 'git',
    trigger: '@',
    async offers(query) {
      // A repository of strangers is not looked into before somebody trusts it.
      if (workspace.roots().length === 0 || !desk.trusted()) return []
      const found = await commits()
      if (isTopic(query, TOPIC)) {
        const words = wordsOf(query).toLowerCase()
        return found.flatMap((commit, at): Offer[] => (fits(commit, words) ? [shown(commit, 1 - at / 1000)] : []))
      }
      if (query.includes(':') || found.length === 0) return []
      const common = { icon: 'git-compare', group: 'Git' }
      return [
        { key: 'changes', label: 'changes', detail: 'all that is not committed', ...common },
        { key: 'staged', label: 'staged', detail: 'what the next commit would hold', ...common },
      ]
    },
    async take(key) {
      if (!desk.trusted()) throw new Error('This workspace is not trusted, so git does not run in it.')
      const { what, path } = parsed(key)
      if (what === 'commit') return filesTaken(await commit(tools, rootsOf(desk), path))
      const text = await changes(tools.diff, rootsOf(desk), what, path)
      if (path !== '' && NOTHING.test(text)) {
        // A file that git does not know yet is all change.
        const { uri } = await locate(workspace, path)
        return filesTaken(await files.read(uri, { draft: '', ref: `@file:${uri}` }))
      }
      const label = path === '' ? (what === 'staged' ? 'Staged changes' : 'Changes') : baseName(path)
      const facts = { label, detail: 'git diff', icon: 'git-compare', ref: `@git:${key}`, digest: digestOf(text) }
      return filesTaken(
        asContext(['git diff', what === 'staged' ? '--staged' : 'HEAD', path].join(' ').trim(), text, facts),
      )
    },
    async digest(key) {
      const { what, path } = parsed(key)
      if (what === 'commit' || !desk.trusted()) return undefined
      return digestOf(await changes(tools.diff, rootsOf(desk), what, path))
    },
  }
}

type What = 'changes' | 'staged' | 'commit'
type Tools = { diff: Tool; log: Tool }

/** `changes`, `staged src/a b.ts`, or the hash of a commit. */
function parsed(key: string): { what: What; path: string } {
  const [, what, path = ''] = /^(changes|staged)(?: (.*))?$/s.exec(key) ?? []
  if (what !== undefined) return { what: what as What, path }
  return { what: 'commit', path: key.replace(/[^0-9a-f]/g, '') }
}

/** What the tools call the folders of the workspace. */
function rootsOf(desk: ContextDesk): string[] {
  const roots = desk.ports().workspace.roots()
  return roots.length > 1 ? roots.map(({ name }) => name) : ['.']
}

const NOTHING = /^\(No differences\.\)/
const UNKNOWN = /\(Not known to git yet: [^\n]*\)$/

/** As git tells it, with the names of files it does not know yet. */
async function changes(diff: Tool, roots: readonly string[], what: What, path: string): Promise<string> {
  const texts: string[] = []
  for (const root of path === '' ? roots : [path]) {
    const where = root === '.' ? {} : { path: root }
    try {
      if (what === 'staged') texts.push(await run(diff, { ...where, staged: true }))
      else {
        const unstaged = await run(diff, where)
        // Before the first commit there is no HEAD.
        const all = await run(diff, { ...where, from: 'HEAD' }).catch(() => unstaged)
        const unknown = all === unstaged ? '' : (UNKNOWN.exec(unstaged)?.[0] ?? '')
        texts.push([all, unknown].filter(Boolean).join('\n'))
      }
    } catch (error) {
      if (roots.length === 1) throw error
    }
  }
  return texts.join('\n')
}

async function commit({ diff, log }: Tools, roots: readonly string[], hash: string): Promise<ReadFile> {
  for (const [at, root] of roots.entries()) {
    const where = root === '.' ? {} : { path: root }
    try {
      const words = await run(log, { ...where, from: hash, limit: 1, messages: true })
      const text = await ofCommit(diff, where, hash)
      return asContext(`git commit ${hash}`, `${words}\n\n${text}`, {
        label: hash,
        detail: 'commit',
        icon: 'git-commit',
        ref: `@git:${hash}`,
      })
    } catch (error) {
      if (at === roots.length - 1) throw error
    }
  }
  throw new Error(`There is no commit ${hash}.`)
}

type Commit = { hash: string; date: string; words: string }

async function list(log: Tool, roots: readonly string[]): Promise<Commit[]> {
  const texts = await Promise.all(
    roots.map((root) => run(log, { limit: COMMITS, ...(root !== '.' && { path: root }) }).catch(() => '')),
  )
  return texts
    .join('\n')
    .split('\n')
    .flatMap((line) => {
      const [, hash, date, words] = /^([0-9a-f]{4,40}) (\S+) (.*)$/.exec(line) ?? []
      return hash && date && words ? [{ hash, date, words }] : []
    })
}

const fits = ({ hash, words }: Commit, wanted: string): boolean =>
  hash.startsWith(wanted) || words.toLowerCase().replace(/\s/g, '').includes(wanted)

function shown({ hash, date, words }: Commit, score: number): Offer {
  const at = words.indexOf(': ')
  const label = at === -1 ? words : words.slice(at + 2)
  return {
    key: hash,
    label,
    detail: `${hash} · ${date} · ${words.slice(0, Math.max(0, at))}`,
    icon: 'git-commit',
    group: 'Commits',
    score,
  }
}

/** The first commit has none before it: it is compared to the empty tree. */
async function ofCommit(diff: Tool, where: JsonObject, hash: string): Promise<string> {
  const from = (revision: string): Promise<string> => run(diff, { ...where, from: revision, to: hash })
  return from(`${hash}^`).catch(() => from('4b825dc642cb6eb9a060e54bf8d69288fbee4904'))
}

async function run(tool: Tool, input: JsonObject): Promise<string> {
  const signal = AbortSignal.timeout(20_000)
  const context = { signal, callId: '', conversation: '', onOutput: () => undefined, onProgress: () => undefined }
  const { output, failed } = await tool.run(input, context)
  const text = textOf(output)
  if (failed) throw new Error(text)
  return text
}
