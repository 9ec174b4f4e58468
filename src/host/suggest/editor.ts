/** `@` with what the editor has at hand: the selection, problems, what a terminal said. */
import type { ReadFile } from '../../shared/protocol.ts'
import type { ContextDesk } from '../context/desk.ts'
import type { ContextFiles } from '../context/files.ts'
import { baseName } from '../context/files.ts'
import { asContext, filesTaken } from '../context/item.ts'
import type { Diagnostic } from '../../tools/ports.ts'
import { digestOf } from './suggestions.ts'
import type { Offer, SuggestionSource } from './source.ts'

/** Problems of one attachment. */
const MOST_PROBLEMS = 200
const GROUP = 'Editor'

export function editorSource(desk: ContextDesk, files: ContextFiles): SuggestionSource {
  return {
    name: 'editor',
    trigger: '@',
    async offers() {
      const selected = desk.selection()
      const problems = desk.ports().language.diagnostics()
      const command = desk.lastCommand()
      const offers: Offer[] = []
      if (selected) {
        const lines = `${baseName(selected.shown)}:${selected.from}-${selected.to}`
        offers.push({ key: 'selection', label: 'selection', detail: lines, icon: 'list-selection', group: GROUP })
      }
      if (problems.length > 0) {
        const detail = `${problems.length} in the workspace`
        offers.push({ key: 'problems', label: 'problems', detail, icon: 'warning', group: GROUP })
      }
      if (command) {
        offers.push({ key: 'terminal', label: 'terminal', detail: command.line, icon: 'terminal', group: GROUP })
      }
      return offers
    },
    async take(key, { draft }) {
      if (key === 'selection') return filesTaken(await selection(desk, files))
      if (key === 'problems') return filesTaken(await problems(desk, files, undefined))
      if (key.startsWith('problems ')) return filesTaken(await problems(desk, files, key.slice('problems '.length)))
      if (key === 'terminal') return filesTaken(terminal(desk))
      throw new Error(`There is no ${key || draft} to attach.`)
    },
    async digest(key) {
      if (key === 'problems') return digestOf(await wordsOf(desk.ports().language.diagnostics(), files))
      if (key.startsWith('problems ')) return digestOf(await wordsOf(problemsOf(desk, key.slice(9)), files))
      return key === 'terminal' ? digestOf(terminalText(desk)) : undefined
    },
  }
}

/** Had again as the lines of the file, because the selection is another one by then. */
async function selection(desk: ContextDesk, files: ContextFiles): Promise<ReadFile> {
  const selected = desk.selection()
  if (!selected) throw new Error('Nothing is selected in the editor.')
  const { uri, shown, text, from, to } = selected
  const detail = from === to ? `line ${from}` : `lines ${from}-${to}`
  const digest = await files.digest(uri)
  return asContext(`${shown} (${detail}, selected)`, text, {
    label: baseName(shown),
    detail,
    icon: 'list-selection',
    ref: `@file:${uri}#L${from}-L${to}`,
    ...(digest !== undefined && { digest }),
  })
}

function problemsOf(desk: ContextDesk, uri: string): Diagnostic[] {
  return desk
    .ports()
    .language.diagnostics()
    .filter((one) => one.uri === uri)
}

async function problems(desk: ContextDesk, files: ContextFiles, uri: string | undefined) {
  const all = uri === undefined ? desk.ports().language.diagnostics() : problemsOf(desk, uri)
  if (all.length === 0) throw new Error('There are no problems now.')
  const text = await wordsOf(all, files)
  const ref = `@editor:problems${uri === undefined ? '' : ` ${uri}`}`
  const detail = all.length === 1 ? '1 problem' : `${all.length} problems`
  return asContext(`Problems (${detail})`, text, {
    label: 'Problems',
    detail,
    icon: 'warning',
    ref,
    digest: digestOf(text),
  })
}

async function wordsOf(all: readonly Diagnostic[], files: ContextFiles): Promise<string> {
  const lines: string[] = []
  for (const { uri, line, column, severity, message, source, code } of all.slice(0, MOST_PROBLEMS)) {
    const shown = (await files.placeOf(uri))?.shown ?? uri
    const from = [source, code].filter(Boolean).join(' ')
    lines.push(`${shown}:${line}:${column} ${severity}${from && ` (${from})`}: ${message}`)
  }
  const rest = all.length - lines.length
  return [...lines, ...(rest > 0 ? [`[${rest} more]`] : [])].join('\n')
}

function terminalText(desk: ContextDesk): string {
  const command = desk.lastCommand()
  if (!command) return ''
  const end = command.running ? '[still runs]' : command.exitCode === undefined ? '' : `[exit code ${command.exitCode}]`
  return [`$ ${command.line}`, command.output || '[VS Code told of no output]', end].filter(Boolean).join('\n')
}

function terminal(desk: ContextDesk) {
  const command = desk.lastCommand()
  if (!command) throw new Error('No command has run in a terminal that tells of it (shell integration).')
  const text = terminalText(desk)
  const facts = { label: command.line.slice(0, 40), detail: 'terminal', icon: 'terminal', ref: '@editor:terminal' }
  return asContext(`Output of the terminal ${command.terminal}`, text, { ...facts, digest: digestOf(text) })
}
