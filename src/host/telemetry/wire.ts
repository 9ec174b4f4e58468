/** The telemetry of a window, with VS Code's switch, boxes and secrets. */
import * as vscode from 'vscode'
import type { LiveLog } from '../live-log.ts'
import type { Settings } from '../settings.ts'
import { ContentConsent } from './consent.ts'
import { parseHeaders, TelemetryHeaders } from './headers.ts'
import { Telemetry } from './telemetry.ts'

export type TelemetryWindow = {
  context: Pick<vscode.ExtensionContext, 'secrets' | 'globalState' | 'extension' | 'subscriptions'>
  log: Pick<LiveLog, 'from' | 'redact' | 'hide'>
  settings: () => Pick<Settings, 'telemetry'>
}

export type WindowTelemetry = { watch: Telemetry; settingsChanged(): void }

/** Registers the command, and loads and sends nothing. */
export function wireTelemetry({ context, log, settings }: TelemetryWindow): WindowTelemetry {
  const headers = new TelemetryHeaders(context.secrets, (secret) => log.hide(secret))
  const consent = new ContentConsent({ memory: context.globalState, ask: askForContent })
  const telemetry = new Telemetry({
    settings: () => settings().telemetry,
    switchedOn,
    headers: (endpoint) => headers.of(endpoint),
    consents: (endpoint) => consent.has(endpoint),
    redact: (text) => log.redact(text),
    log: log.from('host'),
    version: (context.extension.packageJSON as { version: string }).version,
    load: async (options) => {
      const { openOtlp } = await import('./otlp/index.ts')
      return openOtlp(options)
    },
  })
  context.subscriptions.push(
    vscode.env.onDidChangeTelemetryEnabled(() => telemetry.changed()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('telemetry.telemetryLevel')) telemetry.changed()
    }),
    vscode.commands.registerCommand('panelist.setTelemetryHeaders', () =>
      setHeaders(settings().telemetry.endpoint, headers),
    ),
  )
  return {
    watch: telemetry,
    settingsChanged() {
      if (!settings().telemetry.captureContent) consent.forget()
      telemetry.changed()
    },
  }
}

/** A window goes on calling its telemetry on for a while after the setting was switched off: both have to say so. */
function switchedOn(): boolean {
  const level = vscode.workspace.getConfiguration('telemetry').get<string>('telemetryLevel', 'all')
  return vscode.env.isTelemetryEnabled && level === 'all'
}

async function setHeaders(endpoint: string | undefined, headers: TelemetryHeaders): Promise<void> {
  if (endpoint === undefined) {
    const open = 'Open Settings'
    const words = 'Headers belong to a collector. Name it first in panelist.telemetry.endpoint.'
    if ((await vscode.window.showInformationMessage(words, open)) === open)
      await vscode.commands.executeCommand('workbench.action.openSettings', 'panelist.telemetry.endpoint')
    return
  }
  const text = await vscode.window.showInputBox({
    title: `Headers for ${endpoint}`,
    prompt: 'name=value, with a comma between two of them. They are kept with your keys. Empty: none.',
    placeHolder: 'authorization=Bearer …',
    password: true,
    ignoreFocusOut: true,
    validateInput: (value) => parseHeaders(value).problem,
  })
  if (text === undefined) return
  await headers.set(endpoint, text)
  vscode.window.setStatusBarMessage('$(key) Telemetry headers saved', 4000)
}

async function askForContent(endpoint: string): Promise<boolean> {
  const send = 'Send What Is Said'
  const detail =
    `Everything you and the models write in Panelist, what tools are called with and what they find would go to ${endpoint}, ` +
    'and whoever can read there can read it. Keys are taken out. You can switch it off in panelist.telemetry.captureContent.'
  const words = 'Send the content of your chats to your team’s collector?'
  return (await vscode.window.showWarningMessage(words, { modal: true, detail }, send)) === send
}
