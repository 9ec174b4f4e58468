/** One browser for a test file, and pages of it that fail on any policy violation or console error. */
import assert from 'node:assert/strict'
import { chromium, type Browser, type Page } from 'playwright-core'
import { build } from './build.ts'
import type { SceneName } from './scenes.ts'
import { serve, type Site } from './server.ts'
import type { ThemeName } from './themes.ts'

export type Look = {
  theme?: ThemeName
  width?: number
  height?: number
  still?: boolean
  /** The host answers nothing before it is told to. */
  held?: boolean
  /** Runs on the page before anything is loaded. */
  before?: (page: Page) => Promise<unknown>
}

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
]

/** Once a process: what is built does not change while it runs. */
let built: Promise<void> | undefined

export class Rig {
  readonly #browser: Browser
  readonly #site: Site
  readonly #errors = new Map<Page, string[]>()

  private constructor(browser: Browser, site: Site) {
    this.#browser = browser
    this.#site = site
  }

  static async start(): Promise<Rig> {
    await (built ??= build())
    const executablePath = process.env['CHROME'] ?? '/usr/bin/chromium'
    const browser = await chromium.launch({ executablePath, args: ARGUMENTS })
    return new Rig(browser, await serve())
  }

  async stop(): Promise<void> {
    await this.#browser.close()
    await this.#site.close()
  }

  /** A page of its own context that shows the scene. */
  async open(scene: SceneName, look: Look = {}): Promise<Page> {
    const page = await this.#page(look)
    await look.before?.(page)
    const flags = `${look.still ? '&still' : ''}${look.held ? '&held' : ''}`
    await page.goto(`${this.#site.url}/?scene=${scene}&theme=${look.theme ?? 'dark'}${flags}`)
    await page.locator('.panel').waitFor()
    if (look.held) return page
    await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'))
    return page
  }

  /** The usage page. `scene`: `none` where nothing was asked yet, `full` with everything there is. */
  async usage(scene: 'full' | 'none', look: Look = {}): Promise<Page> {
    const page = await this.#page({ width: 1200, height: 1600, ...look })
    await page.goto(`${this.#site.url}/usage?scene=${scene}&theme=${look.theme ?? 'dark'}`)
    await page.waitForFunction(() => document.querySelector('main[aria-busy=false]'))
    return page
  }

  async lab(): Promise<Page> {
    const page = await this.#page({})
    await page.goto(`${this.#site.url}/lab`)
    await page.waitForFunction(() => window.lab !== undefined)
    return page
  }

  /** Closes the page; fails where it broke its policy, logged an error or reported a problem. */
  async close(page: Page): Promise<void> {
    const violations = await page.evaluate(() => window.violations ?? [])
    const problems = await page.evaluate(() => window.host?.requests('report') ?? [])
    await page.context().close()
    assert.deepEqual([...violations, ...problems, ...(this.#errors.get(page) ?? [])], [])
  }

  async #page({ width = 400, height = 800 }: Look): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width, height } })
    const page = await context.newPage()
    const errors: string[] = []
    this.#errors.set(page, errors)
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    return page
  }
}
