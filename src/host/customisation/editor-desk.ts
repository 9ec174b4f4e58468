/** Agents and instructions in boxes and tabs of the editor. */
import path from 'node:path'
import * as vscode from 'vscode'
import type { Customisations } from './discover.ts'
import type { PromptSurroundings } from './prompt-file.ts'
import type { CustomisingDesk } from './window.ts'

type Item = vscode.QuickPickItem & { uri?: vscode.Uri; run?: () => Promise<void> }

/** `own`: the person's own folder. */
export function customisingDesk(own: () => vscode.Uri): CustomisingDesk {
  const create = async (): Promise<void> => {
    const folder = await pickFolder(own())
    if (!folder) return
    const name = await vscode.window.showInputBox({
      title: 'New Agent',
      prompt: 'Its name. The file is called after it.',
      placeHolder: 'reviewer',
      ignoreFocusOut: true,
      validateInput: (text) => objection(text),
    })
    if (!name) return
    const file = vscode.Uri.joinPath(folder, `${fileName(name)}.agent.md`)
    await createFile(file, template(name.trim()))
    await show(file)
  }
  return {
    create,
    surroundings,
    open: async (uri) => show(vscode.Uri.parse(uri, true)),
    edit: async (uri, change) => {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true))
      const text = document.getText()
      const end = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n'
      const changed = change(text).replace(/\r?\n/g, end)
      const edit = new vscode.WorkspaceEdit()
      edit.replace(document.uri, new vscode.Range(document.positionAt(0), document.positionAt(text.length)), changed)
      if (!(await vscode.workspace.applyEdit(edit))) throw new Error('This file cannot be edited.')
      await vscode.window.showTextDocument(document, { preview: false })
    },
    configure: async (all) => {
      const items: Item[] = [
        { label: '$(add) New agent…', run: create },
        { label: '$(settings-gear) Where they are looked for…', run: showSettings },
        ...itemsOf(all),
      ]
      const picked = await vscode.window.showQuickPick(items, {
        title: 'Agents, Prompts and Instructions',
        placeHolder: 'Open a file',
        matchOnDescription: true,
      })
      if (picked?.uri) await show(picked.uri)
      await picked?.run?.()
    },
  }
}

/** Paths are those of the workspace, which tools take too. */
function surroundings(): PromptSurroundings {
  const [folder] = vscode.workspace.workspaceFolders ?? []
  const workspace = folder && { workspaceFolder: folder.uri.fsPath, workspaceFolderBasename: folder.name }
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0]
  if (!editor) return { ...workspace }
  const { document, selection } = editor
  const file = vscode.workspace.asRelativePath(document.uri)
  const { base, dir, name } = path.posix.parse(file)
  return {
    ...workspace,
    selection: document.getText(selection),
    file,
    fileBasename: base,
    fileDirname: dir,
    fileBasenameNoExtension: name,
  }
}

function itemsOf({ agents, prompts, instructions }: Customisations): Item[] {
  const heading = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator })
  const group = (label: string, items: Item[]): Item[] => (items.length > 0 ? [heading(label), ...items] : [])
  return [
    ...group(
      'Agents',
      agents.map(({ name, path, uri, problems }) => ({
        label: `${problems.length > 0 ? '$(warning) ' : ''}${name}`,
        description: path,
        uri: vscode.Uri.parse(uri, true),
        ...(problems[0] && { detail: problems[0].message }),
      })),
    ),
    ...group(
      'Prompts',
      prompts.map(({ name, path, uri }) => ({
        label: `/${name}`,
        description: path,
        uri: vscode.Uri.parse(uri, true),
      })),
    ),
    ...group(
      'Instructions',
      instructions.map(({ path, uri, globs }) => ({
        label: path,
        description: globs?.join(', ') ?? 'always',
        uri: vscode.Uri.parse(uri, true),
      })),
    ),
  ]
}

async function pickFolder(own: vscode.Uri): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : []
  const items: Item[] = folders.map(({ name, uri }) => ({
    label: folders.length > 1 ? `In ${name}` : 'In this workspace',
    description: '.github/agents',
    detail: 'For everybody who works on it',
    uri: vscode.Uri.joinPath(uri, '.github', 'agents'),
  }))
  items.push({ label: 'For you', description: own.fsPath, detail: 'In all workspaces', uri: own })
  if (items.length === 1) return own
  return (await vscode.window.showQuickPick(items, { title: 'New Agent: where?', ignoreFocusOut: true }))?.uri
}

/** What is there already is left as it is. */
async function createFile(file: vscode.Uri, text: string): Promise<void> {
  try {
    await vscode.workspace.fs.stat(file)
  } catch {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text))
  }
}

async function show(file: vscode.Uri): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file), { preview: false })
}

async function showSettings(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', 'panelist.agent panelist.instructions')
}

const fileName = (name: string): string => name.trim().replace(/\s+/g, '-')

function objection(text: string): string | undefined {
  if (text.trim() === '') return undefined
  return /^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u.test(text.trim()) ? undefined : 'Letters, digits, spaces, “.”, “_” and “-”.'
}

const template = (name: string): string => `---
name: ${JSON.stringify(name)}
description: What it is for, in a sentence
# One model, or several to be tried in order: 'Claude Sonnet 4.5', 'openai/gpt-5'
# model: []
# The only tools it has; without this line it has all that are on
# tools: ['read', 'search']
# What only Panelist knows: provider, thinking, max-output-tokens, budget, key-profile, context
# panelist:
#   thinking: medium
---

Tell the model here who it is and how it works.
`
