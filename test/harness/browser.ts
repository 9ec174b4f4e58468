/** A headless Chromium that shows the VS Code server as a person's browser would. */
import path from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { ensureChromium } from './environment.ts'
import { watchProblems } from './problems.ts'
import type { Problem } from './problems.ts'
import type { Server } from './server.ts'

export type PageOptions = {
  /** Default 1400 x 900 CSS pixels. */
  viewport?: { width: number; height: number }
  /**
   * Give webviews an origin, hence a process, of their own, as the desktop does: what a measurement needs. The page's
   * CSP has to be bypassed for it, so that a test of the CSP must not ask for it.
   */
  ownOrigin?: boolean
  /** The whole address, where it is not the server's own. Whoever answers it keeps secrets by itself. */
  address?: string
  /** The `payload` query parameter of the workbench. */
  payload?: string
  /** Folder or `.code-workspace` file to open; default the profile's workspace. */
  workspace?: string
  /** Runs before the workbench's scripts, for example to expose functions. */
  prepare?: (page: Page) => Promise<void>
}

export type OpenPage = { context: BrowserContext; page: Page; problems: Problem[] }

/** How long VS Code may take to draw itself, to start an extension host, or to show a page of it, in milliseconds: for what hangs alone. */
export const START = 60_000

const launchFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

const measuringFlags = [
  '--enable-precise-memory-info',
  '--js-flags=--expose-gc',
  '--site-per-process',
  '--host-resolver-rules=MAP *.localhost 127.0.0.1',
  '--disable-features=SpareRendererForSitePerProcess',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
]

/** Starts Chromium. `measuring` adds what timings and `ownOrigin` pages need. */
export async function launchBrowser(options: { measuring?: boolean } = {}): Promise<Browser> {
  const executablePath = await ensureChromium()
  // Its driver closes Chromium on SIGTERM and then keeps this process alive; what else it started must not outlive it.
  if (process.listenerCount('SIGTERM') === 0) process.once('SIGTERM', () => process.exit(143))
  const args = options.measuring ? [...launchFlags, ...measuringFlags] : launchFlags
  return chromium.launch({ executablePath, headless: true, args })
}

/** Opens the server's workbench in a context (cookies, storage) of its own and waits until it is drawn. */
export async function openPage(browser: Browser, server: Server, options: PageOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1400, height: 900 },
    bypassCSP: options.ownOrigin ?? false,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  return addPage(context, server, options)
}

/** Another window in the same context: the same person opens the workbench twice. */
export async function addPage(context: BrowserContext, server: Server, options: PageOptions = {}): Promise<OpenPage> {
  const page = await context.newPage()
  page.setDefaultTimeout(20_000) // before mocha's own limit, so that a failure names the element that never came
  const problems = watchProblems(page)
  if (!options.address) await page.route('**/mint-key', (route) => route.fulfill({ body: secretKey }))
  if (options.ownOrigin) await page.addInitScript({ content: ownOriginScript(server.port) })
  await options.prepare?.(page)
  const workspace = options.workspace ?? server.profile.workspace
  const query = new URLSearchParams({
    [path.extname(workspace) === '.code-workspace' ? 'workspace' : 'folder']: workspace,
  })
  if (options.payload !== undefined) query.set('payload', options.payload)
  await page.goto(options.address ?? `${server.url}/?${query}`, { timeout: START })
  await page.locator('.monaco-workbench .activitybar').waitFor({ timeout: START })
  return { context, page, problems }
}

/** Half of the key that VS Code encrypts secrets with; any 32 bytes that stay the same keep them over a reload. */
const secretKey = Buffer.alloc(32, 'panelist test secret')

/** Runs in the page: edits the workbench's configuration after the parser wrote it and before a module reads it. */
const ownOriginScript = (port: number) => `
  if (window === window.top) {
    const observer = new MutationObserver(() => {
      const meta = document.getElementById('vscode-workbench-web-configuration')
      if (!meta) return
      observer.disconnect()
      const settings = JSON.parse(meta.getAttribute('data-settings'))
      const template = 'http://{{uuid}}.localhost:${port}/' + settings.webviewEndpoint + '/'
      settings.productConfiguration.webviewContentExternalBaseUrlTemplate = template
      delete settings.webviewEndpoint
      meta.setAttribute('data-settings', JSON.stringify(settings))
    })
    observer.observe(document, { childList: true, subtree: true })
  }`
