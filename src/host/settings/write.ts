/** Changes of the person's own settings, one after another: two at once would each lose the other's. */
import * as vscode from 'vscode'
import { providers } from '../../llm/index.ts'
import { isObject } from '../../shared/json.ts'

type Entries = Record<string, Record<string, unknown>>

let last: Promise<unknown> = Promise.resolve()

/**
 * `panelist.providers` as the person wrote it goes in, what is to stand there comes out. An empty entry of a
 * provider that is built in goes.
 * Throws a sentence where the settings file cannot be written.
 */
export function changeProviders(change: (entries: Entries) => Entries): Promise<void> {
  const work = last.then(() => write(change))
  last = work.catch(() => undefined)
  return work
}

async function write(change: (entries: Entries) => Entries): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('panelist')
  const written = configuration.inspect<unknown>('providers')?.globalValue
  // A copy: what VS Code gives cannot be changed.
  const entries = isObject(written) ? (structuredClone(written) as unknown as Entries) : {}
  const changed = Object.entries(change(entries)).filter(
    ([id, entry]) => !isBuiltIn(id) || Object.keys(entry).length > 0,
  )
  const value = changed.length > 0 ? Object.fromEntries(changed) : undefined
  try {
    await configuration.update('providers', value, vscode.ConfigurationTarget.Global)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`The settings could not be written: ${reason} Open your settings file, mend it, and try again.`)
  }
}

/** Its empty entry says nothing; that of another name says that there is such a provider. */
function isBuiltIn(id: string): boolean {
  return providers.some((provider) => provider.id === id)
}
