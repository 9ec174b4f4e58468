/** A prompt's file: a message to be sent by name, with places to be filled in. */
import type { FileProblem } from '../../shared/agent.ts'
import { FieldReader } from './fields.ts'
import { readMarkdown } from './front-matter.ts'

/** Something the person fills in. `placeholder`: what stands in the empty field. */
export type PromptInput = { name: string; placeholder?: string }

export type PromptFile = {
  /** What is typed after `/`. */
  name: string
  place: 'workspace' | 'user'
  path: string
  uri: string
  description?: string
  hint?: string
  body: string
  inputs: PromptInput[]
  /** The name of an agent, or one of VS Code's own: `ask`, `edit`, `agent`, `plan`. */
  agent?: string
  models: string[]
  tools?: string[]
  problems: FileProblem[]
}

export type PromptSource = Pick<PromptFile, 'name' | 'place' | 'path' | 'uri'>

/** What of the editor a prompt may ask for. All paths as people read them. */
export type PromptSurroundings = {
  selection?: string
  file?: string
  fileBasename?: string
  fileDirname?: string
  fileBasenameNoExtension?: string
  workspaceFolder?: string
  workspaceFolderBasename?: string
}

/** Never throws. */
export function parsePrompt(text: string, source: PromptSource): PromptFile {
  const file = readMarkdown(text)
  const reader = new FieldReader(file)
  const description = reader.text('description')
  const hint = reader.text('argument-hint')
  const agent = reader.text('agent') ?? reader.text('mode')
  const tools = reader.texts('tools', true)
  return {
    ...source,
    name: (reader.text('name') ?? source.name).replace(/\s+/g, '-'),
    body: file.body,
    inputs: inputsOf(file.body),
    models: reader.texts('model', false) ?? [],
    problems: file.problems,
    ...(description !== undefined && { description }),
    ...(hint !== undefined && { hint }),
    ...(agent !== undefined && { agent }),
    ...(tools !== undefined && { tools }),
  }
}

const PLACE = /\$\{(?:input:([^:}]+)(?::([^}]*))?|([A-Za-z]+))\}/g

/** Each once, in the order of the text. */
function inputsOf(body: string): PromptInput[] {
  const inputs = new Map<string, PromptInput>()
  for (const [, name, placeholder] of body.matchAll(PLACE)) {
    if (name === undefined) continue
    const known = inputs.get(name.trim())
    const text = known?.placeholder ?? placeholder?.trim()
    inputs.set(name.trim(), { name: name.trim(), ...(text && { placeholder: text }) })
  }
  return [...inputs.values()]
}

/**
 * The message: inputs and the editor's values in their places, what was typed behind the name at its end. What has no
 * value stays as it is written: the model then asks for it. A value is never read for places again.
 */
export function resolvePrompt(
  { body }: Pick<PromptFile, 'body'>,
  inputs: Readonly<Record<string, string>>,
  around: PromptSurroundings,
  extra = '',
): string {
  const selection = around.selection
  const values: Record<string, string | undefined> = { ...around, selectedText: selection }
  const filled = body.replace(PLACE, (whole, input: string | undefined, _placeholder, name: string | undefined) => {
    if (input !== undefined) return ownValue(inputs, input.trim()) || whole
    return ownValue(values, name ?? '') ?? whole
  })
  return extra.trim() === '' ? filled : `${filled}\n\n${extra.trim()}`
}

function ownValue(values: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/** What stands behind the name in the composer: `formName=MyForm name="two words"` are inputs, the rest is text. */
export function splitArguments(
  text: string,
  inputs: readonly PromptInput[],
): { inputs: Record<string, string>; extra: string } {
  const found: Record<string, string> = {}
  const names = new Set(inputs.map(({ name }) => name))
  const extra = text.replace(/(^|\s)([\w.-]+)=("[^"]*"|\S+)/g, (whole, before: string, name: string, value: string) => {
    if (!names.has(name)) return whole
    found[name] = value.replace(/^"(.*)"$/s, '$1')
    return before
  })
  return { inputs: found, extra: extra.trim() }
}
