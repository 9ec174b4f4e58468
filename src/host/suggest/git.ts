/** `@changes`, `@staged`, and `@commit:` with a hash or words: what git knows, by the tools that models use as well. */
import type { JsonObject } from '../../shared/json.ts'
import { textOf } from '../../shared/message.ts'
import { gitDiff } from '../../tools/built-in/git/diff.ts'
import { gitLog } from '../../tools/built-in/git/log.ts'
import type { Tool } from '../../tools/tool.ts'
import type { ContextDesk } from '../context/desk.ts'
import { asContext, filesTaken } from '../context/item.ts'
import { isTopic, wordsOf } from './topics.ts'
import { digestOf } from './suggestions.ts'
import type { Offer, SuggestionSource } from './source.ts'

const TOPIC = 'commit'
const COMMITS = 100
const FRESH = 5_000

export function gitSource(desk: ContextDesk): SuggestionSource {
  const { workspace, git } = desk.ports()
  const diff = gitDiff(workspace, git)
  const log = gitLog(workspace, git)
  let known: { at: number; commits: Promise<Commit[]> } | undefined

  const commits = (): Promise<Commit[]> => {
    if (!known || Date.now() - known.at > FRESH) known = { at: Date.now(), commits: list(log) }
    return known.commits
  }

  return {
    name: 'git',
    trigger: '@',
    async offers(query) {
      if (workspace.roots().length === 0) return []
      const found = await commits()
      if (isTopic(query, TOPIC)) {
        const words = wordsOf(query).toLowerCase()
        return found.flatMap((commit, at): Offer[] => (fits(commit, words) ? [shown(commit, 1 - at / 1000)] : []))
      }
      if (query.includes(':')) return []
      return [
        {
          key: 'changes',
          label: 'changes',
          detail: 'git diff of what is not staged',
          icon: 'git-compare',
          group: 'Git',
        },
        { key: 'staged', label: 'staged', detail: 'git diff of what is staged', icon: 'git-compare', group: 'Git' },
      ]
    },
    async take(key) {
      const ref = `@git:${key}`
      const [what, ...rest] = key.split(' ')
      const path = rest.join(' ')
      if (what === 'changes' || what === 'staged') {
        const text = await run(diff, { ...(what === 'staged' && { staged: true }), ...(path && { path }) })
        const label = path ? path.split('/').at(-1)! : what === 'staged' ? 'Staged changes' : 'Changes'
        const facts = { label, detail: 'git diff', icon: 'git-compare', ref, digest: digestOf(text) }
        return filesTaken(
          asContext(`git diff${what === 'staged' ? ' --staged' : ''}${path && ` ${path}`}`, text, facts),
        )
      }
      const hash = key.replace(/[^0-9a-f]/g, '')
      const [text, words] = [await ofCommit(diff, hash), await run(log, { from: hash, limit: 1, messages: true })]
      const facts = { label: hash, detail: 'commit', icon: 'git-commit', ref }
      return filesTaken(asContext(`git commit ${hash}`, `${words}\n\n${text}`, facts))
    },
    async digest(key) {
      const [what, ...rest] = key.split(' ')
      const path = rest.join(' ')
      if (what !== 'changes' && what !== 'staged') return undefined
      return digestOf(await run(diff, { ...(what === 'staged' && { staged: true }), ...(path && { path }) }))
    },
  }
}

type Commit = { hash: string; date: string; words: string }

async function list(log: Tool): Promise<Commit[]> {
  const text = await run(log, { limit: COMMITS }).catch(() => '')
  return text.split('\n').flatMap((line) => {
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

/** The first commit has none before it. */
async function ofCommit(diff: Tool, hash: string): Promise<string> {
  const whole = { from: `${hash}^`, to: hash }
  const empty = { from: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', to: hash }
  return run(diff, whole).catch(() => run(diff, empty))
}

async function run(tool: Tool, input: JsonObject): Promise<string> {
  const signal = AbortSignal.timeout(20_000)
  const context = { signal, callId: '', conversation: '', onOutput: () => undefined, onProgress: () => undefined }
  const { output, failed } = await tool.run(input, context)
  const text = textOf(output)
  if (failed) throw new Error(text)
  return text
}
