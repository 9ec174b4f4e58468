/** `panelist.signIn`: the key of a provider that gives one out in the browser, without pasting. Today OpenRouter. */
import * as vscode from 'vscode'
import type { ProviderInfo } from '../llm/types.ts'
import type { Keys } from './keys.ts'
import { OpenRouterSignIn } from './sign-in/openrouter.ts'

export type SignInParts = {
  keys: Keys
  provider: ProviderInfo
  keysChanged(provider: ProviderInfo): void
  /** Takes what comes back to this path elsewhere: why it cannot be taken, where that is so. */
  others: Record<string, (query: string) => string | undefined>
}

/** Registers the command; `handleUri` takes what the browser comes back to. */
export function registerSignIn({ keys, provider, keysChanged, others }: SignInParts): {
  handleUri(uri: vscode.Uri): void
  disposable: vscode.Disposable
} {
  const openRouter = new OpenRouterSignIn({
    // As a string, which the editor takes too: a Uri would spell the address anew and break what is encoded in it.
    openExternal: (url) => vscode.env.openExternal(url as unknown as vscode.Uri),
    callbackUri: async (pathAndQuery) => {
      const address = `${vscode.env.uriScheme}://panelist.panelist${pathAndQuery}`
      return (await vscode.env.asExternalUri(vscode.Uri.parse(address))).toString(true)
    },
  })
  const signIn = async (): Promise<void> => {
    const outcome = await waiting(provider.label, (signal) => openRouter.signIn(signal))
    if (outcome.kind === 'failed') return void vscode.window.showErrorMessage(outcome.message)
    if (outcome.kind === 'cancelled') return
    // For the endpoint that gave it out, wherever the settings point.
    await keys.set(provider, undefined, outcome.key)
    keysChanged(provider)
    void vscode.window.showInformationMessage(`Signed in to ${provider.label}: its key is in VS Code's secret storage.`)
  }
  const handleUri = ({ path, query }: vscode.Uri): void => {
    const other = others[path]
    const refusal = other ? other(query) : openRouter.handleUri({ path, query })
    if (refusal) void vscode.window.showWarningMessage(refusal)
  }
  return { handleUri, disposable: vscode.commands.registerCommand('panelist.signIn', signIn) }
}

function waiting<T>(label: string, run: (signal: AbortSignal) => Promise<T>): Thenable<T> {
  const title = `Waiting for ${label} in the browser`
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title }
  return vscode.window.withProgress(options, (_, token) => {
    const controller = new AbortController()
    token.onCancellationRequested(() => controller.abort())
    return run(controller.signal)
  })
}
