/** One browser for all test files of a run, and pages of it that fail on any policy violation or console error. */
import assert from 'node:assert/strict'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { stallAtRandom, stallMs } from '../../harness/stall.ts'
import { build } from './build.ts'
import type { SceneName } from './scenes.ts'
import { serve, type Site } from './server.ts'
import { themes, type ThemeName } from './themes.ts'

export type Look = {
  theme?: ThemeName
  width?: number
  height?: number
  still?: boolean
  /** The host answers nothing before it is told to. */
  held?: boolean
  /** Does not wait for what is loaded behind the rest. */
  early?: boolean
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

/** Until nothing that the page asked of its host waits for an answer, and all that has come is drawn. */
export function drawn(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const frame = (): Promise<number> => new Promise(requestAnimationFrame)
    do {
      // What a message brings about may ask the host in a task of its own.
      await new Promise((resolve) => setTimeout(resolve))
      await frame()
      await frame()
    } while (window.host.answering > 0)
  })
}

/** How long the browser stays for whoever starts a rig next, in milliseconds: the next file of the run does at once. */
const LINGER_MS = 1000

/** Once a process, or by whoever started it: what is built does not change while it runs. */
let built: Promise<void> | undefined

/**
 * What every rig of this process shares. Each page is a tab of one window, because a window of its own (every context has
 * one) costs Chromium more than the page that is tested. A tab has its own session storage, and the panel keeps nothing
 * elsewhere.
 */
type Stage = { browser: Browser; context: BrowserContext; site: Site }

let stage: Promise<Stage> | undefined
let users = 0

async function raise(): Promise<Stage> {
  if (!process.env['PANELIST_WEBVIEW_BUILT']) await (built ??= build())
  const executablePath = process.env['CHROME'] ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS })
  const context = await browser.newContext()
  await context.newPage() // keeps the window open between two tests
  return { browser, context, site: await serve() }
}

export class Rig {
  readonly #stage: Stage
  readonly #errors = new Map<Page, string[]>()

  private constructor(stage: Stage) {
    this.#stage = stage
  }

  static async start(): Promise<Rig> {
    users++
    if (!(await stage)?.browser.isConnected()) stage = raise()
    return new Rig(await (stage ??= raise()))
  }

  /** Closes the pages that are open yet; the browser closes soon after the last rig. */
  async stop(): Promise<void> {
    users--
    await Promise.all([...this.#errors.keys()].map((page) => page.close()))
    setTimeout(() => void (users === 0 && this.#lower()), LINGER_MS)
  }

  async #lower(): Promise<void> {
    if ((await stage) === this.#stage) stage = undefined
    await this.#stage.browser.close()
    await this.#stage.site.close()
  }

  /** A new page that shows the scene. */
  async open(scene: SceneName, look: Look = {}): Promise<Page> {
    const page = await this.#page(look)
    await look.before?.(page)
    const flags = `${look.still ? '&still' : ''}${look.held ? '&held' : ''}`
    await page.goto(`${this.#stage.site.url}/?scene=${scene}&theme=${look.theme ?? 'dark'}${flags}`)
    await page.locator('.panel').waitFor()
    if (look.held) return page
    await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'))
    // What suggests says so on the box: it comes with all that is loaded behind the rest.
    if (!look.early) await page.locator('[data-testid=composer][aria-autocomplete]').waitFor({ state: 'attached' })
    return page
  }

  /** The usage page. `scene`: `none` where nothing was asked yet, `full` with everything there is. */
  async usage(scene: 'full' | 'none' | 'twins', look: Look = {}): Promise<Page> {
    const page = await this.#page({ width: 1200, height: 1600, ...look })
    await page.goto(`${this.#stage.site.url}/usage?scene=${scene}&theme=${look.theme ?? 'dark'}`)
    await page.waitForFunction(() => document.querySelector('main[aria-busy=false]'))
    return page
  }

  /** Gives the page another theme, as the editor does when a person changes it: the variables, and a class of the body. */
  async setTheme(page: Page, theme: ThemeName): Promise<void> {
    await page.evaluate(
      async ([name, all, next]) => {
        const old = document.querySelector('link[href^="/theme.css"]') as HTMLLinkElement
        const fresh = Object.assign(document.createElement('link'), {
          rel: 'stylesheet',
          href: `/theme.css?theme=${name}`,
        })
        const loaded = new Promise((resolve, reject) => Object.assign(fresh, { onload: resolve, onerror: reject }))
        old.after(fresh)
        await loaded
        old.remove()
        document.body.classList.remove(...all)
        document.body.classList.add(next)
      },
      [theme, Object.values(themes).map(({ body }) => body), themes[theme].body] as const,
    )
  }

  async lab(): Promise<Page> {
    const page = await this.#page({})
    await page.goto(`${this.#stage.site.url}/lab`)
    await page.waitForFunction(() => window.lab !== undefined)
    return page
  }

  /** Closes the page; fails where it broke its policy, logged an error or reported a problem. */
  async close(page: Page): Promise<void> {
    const violations = await page.evaluate(() => window.violations ?? [])
    const problems = await page.evaluate(() => window.host?.requests('report') ?? [])
    await page.context().clearPermissions()
    await page.close()
    const errors = this.#errors.get(page) ?? []
    this.#errors.delete(page)
    assert.deepEqual([...violations, ...problems, ...errors], [])
  }

  async #page({ width = 400, height = 800 }: Look): Promise<Page> {
    const page = await this.#stage.context.newPage()
    await page.setViewportSize({ width, height })
    if (stallMs !== undefined) await page.addInitScript(stallAtRandom, stallMs)
    const errors: string[] = []
    this.#errors.set(page, errors)
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    return page
  }
}
