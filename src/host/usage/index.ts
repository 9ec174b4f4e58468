/** Usage in this window: its page, the status bar, what the chat shows of it, and how long requests are kept. */
import * as vscode from 'vscode'
import type { OwnExperience, ToUsageHost } from '../../shared/protocol.ts'
import { pageHtml } from '../html.ts'
import { describe } from '../log.ts'
import { USAGE } from '../places.ts'
import type { LazyStore } from '../backup/lazy-store.ts'
import { Experience } from './experience.ts'
import { Expiry } from './expiry.ts'
import { usagePage } from './page.ts'
import type { UsagePageParts } from './page.ts'
import { statusText } from './words.ts'

const KEEP_DAYS = 730

/** Milliseconds. What other windows spend is looked for now and then; old requests once an hour. */
const LOOK_EVERY = 60_000
const EXPIRE_EVERY = 60
/** What ends at about the same time is looked at once. */
const WRITTEN_AFTER = 300

export type WindowUsageParts = Omit<UsagePageParts, 'store'> & {
  context: vscode.ExtensionContext
  store: LazyStore
  /** What the chat shows of models and providers is another one now. */
  changed(): void
}

export interface WindowUsage extends vscode.Disposable {
  experience(): OwnExperience
  /** Draws the page in this tab. */
  attach(panel: vscode.WebviewPanel): void
  /** There was a request. */
  heard(): void
}

/** Registers the command and the page; opens nothing. */
export function windowUsage(parts: WindowUsageParts): WindowUsage {
  const { context, store, changed } = parts
  const experience = new Experience(store)
  const expiry = new Expiry({ store, keepDays, log: parts.log })
  const receive = usagePage(parts)
  const item = vscode.window.createStatusBarItem('panelist.usage', vscode.StatusBarAlignment.Right, 0)
  item.name = 'Panelist Usage'
  item.command = 'panelist.showUsage'
  let panel: vscode.WebviewPanel | undefined
  let looks = 0
  const show = (): void => {
    // A store that nobody has used is not opened for this.
    const today = store.path === undefined || !wantsItem() ? undefined : store().usage.today()
    const text = today && statusText(today)
    if (!text) return item.hide()
    item.text = text.short
    item.tooltip = text.long
    item.accessibilityInformation = { label: text.long }
    item.show()
  }
  /** For timers, which nobody hears of. A database that is locked, or closed by now, can be read the next time. */
  const quietly = (work: () => void) => (): void => {
    try {
      work()
    } catch (error) {
      parts.log.warn(`usage could not be looked at: ${describe(error)}`)
    }
  }
  const look = (): void => {
    show()
    if (store.path !== undefined && looks++ % EXPIRE_EVERY === 0) expiry.begin()
  }
  const hear = (): void => {
    look()
    if (experience.renew()) changed()
  }
  const attach = (opened: vscode.WebviewPanel): void => {
    panel = opened
    const { webview } = opened
    opened.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'panelist.svg')
    opened.onDidDispose(() => (panel = undefined))
    webview.onDidReceiveMessage((message: ToUsageHost) =>
      receive(message, (answer) => void webview.postMessage(answer)),
    )
    webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(context.extensionUri, 'dist')] }
    webview.html = pageHtml(webview, context.extensionUri, 'Panelist Usage', 'webview-usage')
  }
  const open = (): void => {
    if (panel) panel.reveal()
    else attach(vscode.window.createWebviewPanel(USAGE, 'Panelist Usage', vscode.ViewColumn.Active, {}))
  }
  const looking = setInterval(
    quietly(() => (experience.troubled ? hear() : look())),
    LOOK_EVERY,
  ).unref()
  let hearing: NodeJS.Timeout | undefined
  const registered = vscode.Disposable.from(
    item,
    vscode.commands.registerCommand('panelist.showUsage', open),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('panelist.usage.statusBar')) show()
      if (event.affectsConfiguration('panelist.usage.keepDays') && store.path !== undefined) expiry.begin()
    }),
  )
  return {
    experience: () => experience.get(),
    attach,
    heard() {
      hearing ??= setTimeout(() => {
        hearing = undefined
        quietly(hear)()
      }, WRITTEN_AFTER).unref()
    },
    dispose() {
      clearInterval(looking)
      clearTimeout(hearing)
      expiry.dispose()
      registered.dispose()
    },
  }
}

/** Of the person's own settings: a workspace has no say in what is kept, and what it costs is nobody's but theirs. */
const own = (name: string): unknown =>
  vscode.workspace.getConfiguration('panelist').inspect(`usage.${name}`)?.globalValue

function keepDays(): number {
  const days = own('keepDays')
  return typeof days === 'number' && Number.isFinite(days) && days >= 0 ? days : KEEP_DAYS
}

const wantsItem = (): boolean => own('statusBar') !== false
