/** The tools that other extensions brought to VS Code (`vscode.lm.tools`), as tools of Panelist. Loaded when they are wanted. */
import type * as vscode from 'vscode'
import type { ToolInfo } from '../mcp/lists.ts'
import { toolsOf } from '../mcp/lists.ts'
import { partsOfContent } from '../mcp/results.ts'
import { oneLine } from '../mcp/text.ts'
import type { Json, JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import { digestOf } from '../tools/digest.ts'
import type { Tool, ToolContext, ToolOutcome } from '../tools/tool.ts'
import { couldNot } from '../tools/tool.ts'
import { extensionToolName } from './extension-tool-name.ts'

/** What of VS Code these tools take. */
export type ToolEditor = Pick<
  typeof vscode,
  'CancellationTokenSource' | 'LanguageModelTextPart' | 'LanguageModelDataPart' | 'LanguageModelPromptTsxPart'
> & {
  lm: Pick<typeof vscode.lm, 'tools' | 'invokeTool'>
  extensions: { all: readonly Pick<vscode.Extension<unknown>, 'id' | 'packageJSON'>[] }
}

/** Who contributes a tool, as its manifest says. */
type Contributor = { id: string; label: string; title?: string }

/**
 * Every tool that an extension's manifest names and that is there now. The others are parts of VS Code's own chat (its
 * terminal, its questions), which work only inside of it, or of servers that it runs. Nobody told us what tools do, so
 * each call asks. `dropped` gets a sentence for each that cannot be offered.
 */
export function extensionTools(editor: ToolEditor, dropped: (why: string) => void): Tool[] {
  const contributors = contributorsOf(editor.extensions.all)
  const entries = editor.lm.tools.flatMap(({ name, description, inputSchema }) => {
    const contributor = contributors.get(name)
    if (!contributor) return []
    const schema = inputSchema === undefined ? { type: 'object' } : (JSON.parse(JSON.stringify(inputSchema)) as Json)
    return [{ name, title: contributor.title ?? name, description, inputSchema: schema }]
  })
  return toolsOf(entries, dropped).flatMap((info) => {
    const contributor = contributors.get(info.name)
    return contributor ? [asTool(editor, info, contributor)] : []
  })
}

function asTool(editor: ToolEditor, info: ToolInfo, { id, label }: Contributor): Tool {
  return {
    name: extensionToolName(info.name),
    title: info.title,
    description: info.description || info.title,
    inputSchema: info.inputSchema,
    source: { kind: 'extension', label },
    effect: 'send',
    // As it is told, before anything of it is made visible.
    definition: digestOf([id, info.hash]),
    describe: (input) => describe(label, info.title, input),
    run: (input, context) => invoke(editor, info.name, input, context),
  }
}

async function invoke(editor: ToolEditor, name: string, input: Json, { signal }: ToolContext): Promise<ToolOutcome> {
  if (!editor.lm.tools.some((tool) => tool.name === name)) return couldNot('This tool is no longer there.')
  const source = new editor.CancellationTokenSource()
  const cancel = (): void => source.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    signal.throwIfAborted()
    const options = { input: isObject(input) ? input : {}, toolInvocationToken: undefined }
    const { content } = await editor.lm.invokeTool(name, options, source.token)
    return { output: partsOfContent(content.map((part) => blockOf(part, editor))) }
  } finally {
    signal.removeEventListener('abort', cancel)
    source.dispose()
  }
}

/** As a content block of MCP, whose limits and rules of what is shown hold here too. */
function blockOf(part: unknown, editor: ToolEditor): JsonObject {
  if (part instanceof editor.LanguageModelTextPart) return { type: 'text', text: part.value }
  if (part instanceof editor.LanguageModelPromptTsxPart) return { type: 'text', text: wordsIn(part.value) }
  if (part instanceof editor.LanguageModelDataPart) return dataBlock(part)
  return { type: 'text', text: '[A piece of this result that Panelist does not know.]' }
}

function dataBlock({ data, mimeType }: vscode.LanguageModelDataPart): JsonObject {
  const bytes = Buffer.from(data)
  if (/^text\/|^application\/(json|[\w.+-]+\+json)\b/i.test(mimeType)) return { type: 'text', text: bytes.toString() }
  return { type: /^audio\//i.test(mimeType) ? 'audio' : 'image', data: bytes.toString('base64'), mimeType }
}

/** The texts of a tree that `@vscode/prompt-tsx` made, where a node of the type 2 is text. */
function wordsIn(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsIn).join('')
  if (typeof value !== 'object' || value === null) return ''
  const { type, text, lineBreakBefore, children, node } = value as Record<string, unknown>
  if (type === 2 && typeof text === 'string') return lineBreakBefore ? `\n${text}` : text
  return wordsIn(node ?? children)
}

function contributorsOf(extensions: ToolEditor['extensions']['all']): Map<string, Contributor> {
  const found = new Map<string, Contributor>()
  for (const { id, packageJSON } of extensions) {
    const manifest = packageJSON as
      { displayName?: unknown; contributes?: { languageModelTools?: unknown } } | undefined
    const tools = manifest?.contributes?.languageModelTools
    if (!Array.isArray(tools)) continue
    const label = oneLine(typeof manifest?.displayName === 'string' ? manifest.displayName : id, 80) || id
    for (const { name, displayName } of tools as { name?: unknown; displayName?: unknown }[]) {
      if (typeof name !== 'string' || found.has(name)) continue
      found.set(name, { id, label, ...(typeof displayName === 'string' && { title: displayName }) })
    }
  }
  return found
}

function describe(label: string, title: string, input: Json): string {
  const pairs = isObject(input) ? Object.entries(input) : []
  const short = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200)
  const shown = pairs.slice(0, 20).map(([name, value]) => `${name}: ${short(value)}`)
  return oneLine(`${label}: ${title}${shown.length > 0 ? ` (${shown.join(', ')})` : ''}`)
}
