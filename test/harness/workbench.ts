/** VS Code with Panelist installed, in a browser: what a UI test or a measurement opens and drives. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { isObject } from '../../src/shared/json.ts'
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core'
import { addPage, launchBrowser, openPage, START } from './browser.ts'
import type { OpenPage, PageOptions } from './browser.ts'
import { root } from './environment.ts'
import { Helper, installHelper } from './helper.ts'
import { freePort } from './processes.ts'
import { alone, makeProfile } from './profile.ts'
import type { Settings } from './profile.ts'
import type { Problem } from './problems.ts'
import { startServer } from './server.ts'
import type { Server, ServerOptions } from './server.ts'
import { installedPanelist } from './vsix.ts'

export type Theme = 'light' | 'dark' | 'high-contrast' | 'high-contrast-light'

const themes: Record<Theme, { setting: string; bodyClass: string }> = {
  light: { setting: 'Light Modern', bodyClass: 'vs' },
  dark: { setting: 'Dark Modern', bodyClass: 'vs-dark' },
  'high-contrast': { setting: 'Default High Contrast', bodyClass: 'hc-black' },
  'high-contrast-light': { setting: 'Default High Contrast Light', bodyClass: 'hc-light' },
}

/** After how many milliseconds the panel is asked for once more, where its page has not heard. */
const AGAIN = 5_000

export type WorkbenchOptions = ServerOptions &
  PageOptions & {
    settings?: Settings
    /** `false` opens the workspace in Restricted Mode. */
    trust?: boolean
    /** Keep the profile in this folder; default a temporary one that `close` removes. */
    folder?: string
    /** The extensions folder; default one that holds the packed Panelist alone. */
    extensions?: string
    /** See `launchBrowser`. */
    measuring?: boolean
  }

/** One window of VS Code and the helpers that work in it. */
export class Window {
  readonly context: BrowserContext
  readonly page: Page
  /** Console errors, CSP violations and exceptions so far. A test ends by asserting that it is empty. */
  readonly problems: Problem[]

  constructor(opened: OpenPage) {
    this.context = opened.context
    this.page = opened.page
    this.problems = opened.problems
  }

  /**
   * Runs a command by its title as the palette shows it, for example `Panelist: New Chat`. The palette lists what is
   * registered when it opens, and nothing opens while VS Code still starts, so this tries until it works.
   */
  async runCommand(title: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input.input')
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first()
    for (const deadline = Date.now() + START; ;) {
      try {
        await this.page.keyboard.press('F1')
        await input.waitFor({ timeout: 2_000 })
        await input.fill(`>${title}`)
        await row.click({ timeout: 2_000 })
        return
      } catch {
        if (Date.now() > deadline) {
          throw new Error(`The palette does not offer “${title}”; see ${await this.screenshot('failure-no-command')}.`)
        }
        await this.page.keyboard.press('Escape')
      }
    }
  }

  /** The frame of a Panelist webview whose composer is drawn: the first, or the `index`th of several. */
  async panel(options: { index?: number; place?: string; timeout?: number } = {}): Promise<Frame> {
    const { index = 0, place, timeout = START } = options
    const deadline = Date.now() + timeout
    for (;;) {
      const frame = (await this.panels(place))[index]
      if (frame) return frame
      if (Date.now() > deadline) {
        const picture = await this.screenshot('failure-no-panel')
        throw new Error(`No Panelist panel after ${timeout} ms; see ${picture}. ${describe(this.problems)}`)
      }
      await this.page.waitForTimeout(50)
    }
  }

  /**
   * The frames of all Panelist webviews whose composer is visible. The webview's document is two frames deep. `place`:
   * only those in the side bar, or in editors: after a reload they come in any order.
   */
  async panels(place?: string): Promise<Frame[]> {
    const found: Frame[] = []
    for (const frame of this.page.frames()) {
      if (!frame.parentFrame()) continue
      const visible = await frame
        .locator(`.panel${place === undefined ? '' : `[data-place="${place}"]`} [data-testid="composer"]`)
        .isVisible()
        .catch(() => false)
      if (visible) found.push(frame)
    }
    return found
  }

  /** Writes out/screenshots/<name>.png and gives its path. */
  async screenshot(name: string): Promise<string> {
    const file = path.join(root, 'out', 'screenshots', `${name}.png`)
    mkdirSync(path.dirname(file), { recursive: true })
    await this.page.screenshot({ path: file })
    return file
  }

  /**
   * Waits until VS Code has written these words of what extensions have it remember. In a browser it does so a moment
   * later, and loses what a reload comes before.
   */
  async stored(words: string): Promise<void> {
    const isStored = async (wanted: string): Promise<boolean> => {
      const values = (name: string): Promise<unknown[]> =>
        new Promise((resolve) => {
          const opening = indexedDB.open(name)
          opening.onerror = () => resolve([])
          opening.onsuccess = () => {
            const database = opening.result
            const end = (found: unknown[]): void => (database.close(), resolve(found))
            if (!database.objectStoreNames.contains('ItemTable')) return end([])
            const reading = database.transaction('ItemTable').objectStore('ItemTable').getAll()
            reading.onsuccess = () => end(reading.result as unknown[])
            reading.onerror = () => end([])
          }
        })
      const all = await Promise.all((await indexedDB.databases()).map(({ name }) => values(name ?? '')))
      return all.flat().some((value) => String(value).includes(wanted))
    }
    await this.page.waitForFunction(isStored, words, { polling: 50, timeout: START })
  }

  /** Reloads the window, as the command of that name does, and waits until it is drawn again. */
  async reload(): Promise<void> {
    await this.page.reload({ timeout: START })
    await this.page.locator('.monaco-workbench .activitybar').waitFor({ timeout: START })
  }
}

type Parts = { server: Server; browser: Browser; opened: OpenPage; helper: Helper }

/** A window together with the server and the browser that it needs. */
export class Workbench extends Window {
  readonly server: Server
  readonly browser: Browser
  /** Runs commands and changes settings from inside VS Code. */
  readonly helper: Helper
  private readonly options: WorkbenchOptions
  private readonly removeAtEnd: string | undefined

  constructor(parts: Parts, options: WorkbenchOptions, temporary?: string) {
    super(parts.opened)
    this.helper = parts.helper
    this.server = parts.server
    this.browser = parts.browser
    this.options = options
    this.removeAtEnd = temporary
  }

  /** Shows the Panelist view in the secondary side bar and gives its frame. */
  async openPanel(): Promise<Frame> {
    await this.helper.execute('panelist.open')
    return this.panel()
  }

  /** The same, once the message box was given the keyboard. */
  async focusPanel(): Promise<Frame> {
    // That the box is to have the keyboard is told to the page last: what a test has opened meanwhile would give way to it.
    const isGiven = (frame: Frame): Promise<boolean> =>
      frame.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'composer').catch(() => false)
    for (const deadline = Date.now() + START; Date.now() < deadline;) {
      await this.helper.execute('panelist.open')
      // A page that VS Code has made anew meanwhile has not heard it.
      for (const again = Date.now() + AGAIN; Date.now() < again; await this.page.waitForTimeout(25)) {
        const frame = await this.panel()
        if (await isGiven(frame)) return frame
      }
    }
    throw new Error('The message box is never given the keyboard.')
  }

  /** Lets time pass for Panelist, in milliseconds: first for its pages, then for the extension host. */
  async pass(ms: number): Promise<void> {
    for (const frame of await this.panels()) {
      await frame.evaluate((more) => {
        const { now } = Date
        Date.now = () => now() + more
      }, ms)
    }
    await this.helper.pass(ms)
  }

  async setTheme(theme: Theme): Promise<void> {
    await this.helper.changeSettings({ 'workbench.colorTheme': themes[theme].setting })
    await this.page.locator(`.monaco-workbench.${themes[theme].bodyClass}`).first().waitFor({ timeout: START })
    // Webviews take the theme over by a message.
    const taken = `body[data-vscode-theme-kind="vscode-${theme}"]`
    for (const frame of await this.panels()) await frame.locator(taken).waitFor({ timeout: START })
    await this.page.waitForTimeout(300) // and colours change over a moment
  }

  /** Opens a second window of the same person on the same server. */
  async addWindow(options: PageOptions = {}): Promise<Window> {
    return new Window(await addPage(this.context, this.server, { ...this.options, ...options }))
  }

  /**
   * As `Window.reload`, once all is written that extensions have had VS Code remember so far; waits for the new extension
   * host: until then the helper speaks for the one that ends.
   */
  override async reload(): Promise<void> {
    // What was to be remembered before these words is written before them.
    const words = { window: randomUUID(), workspace: randomUUID() }
    await this.helper.remember(words)
    for (const each of Object.values(words)) await this.stored(each)
    const before = await this.helper.extensionHost()
    await super.reload()
    while ((await this.helper.extensionHost()) === before) await this.page.waitForTimeout(50)
  }

  async close(): Promise<void> {
    await this.browser.close().catch(() => undefined)
    await this.server.stop()
    if (this.removeAtEnd) rmSync(this.removeAtEnd, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Packs and installs Panelist when needed, starts the server and Chromium, and opens a window. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const extensions = options.extensions ?? (await installedPanelist())
  const temporary = options.folder ? undefined : mkdtempSync(path.join(os.tmpdir(), 'panelist-'))
  const folder = options.folder ?? temporary
  if (!folder) throw new Error('unreachable: a profile has a folder')
  const profile = makeProfile(folder, { ...options, extensions, settings: settingsOf(options.settings) })
  installHelper(extensions)
  const port = await freePort()
  const env = { PANELIST_HELPER_PORT: String(port), ...options.env }
  const [server, browser] = await Promise.all([startServer(profile, { ...options, env }), launchBrowser(options)])
  try {
    const opened = await openPage(browser, server, options)
    return new Workbench({ server, browser, opened, helper: new Helper(port) }, options, temporary)
  } catch (error) {
    await browser.close()
    await server.stop()
    throw error
  }
}

/** An Ollama that runs on the developer's machine is not there for a test that does not ask for one. */
function settingsOf(settings: Settings = {}): Settings {
  const providers = settings['panelist.providers']
  return {
    ...alone,
    ...settings,
    'panelist.providers': { ollama: { enabled: false }, ...(isObject(providers) && providers) },
  }
}

/** The problems as one text, for an assertion's message. */
export function describe(problems: Problem[]): string {
  return problems.map((problem) => `${problem.kind}: ${problem.text} (${problem.url})`).join('\n')
}
