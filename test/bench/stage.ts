/** One VS Code with one of the subjects in it, and what can be done to it and read from it. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CDPSession, Frame } from 'playwright-core'
import { openWorkbench } from '../harness/workbench.ts'
import type { Workbench } from '../harness/workbench.ts'
import { Clock } from './clock.ts'
import type { Plan, Provider, Record } from './provider.ts'
import { seed } from './seed.ts'
import { extensionsOf } from './subject.ts'
import type { Subject } from './subject.ts'
import { firstMarker, lastMarker } from './text.ts'

const probe = path.join(import.meta.dirname, 'probe.js')

/** What the probe saw: moments in epoch milliseconds (0: never), and how long tasks held the page up. */
export type Seen = {
  [Moment in 'first' | 'painted' | 'last' | 'lastPainted' | 'settled' | 'click' | 'enter']: number
} & { longMs: number; longestMs: number }

/** A measured answer. CPU in seconds, from before Enter until the page had been at rest for `restMs`. */
export type Streamed = { sent: Record; seen: Seen; hostCpu: number; webviewCpu: number }

/** The page counts as settled once nothing has changed for so long. */
const restMs = 1_200

export class Stage {
  readonly subject: Subject
  readonly workbench: Workbench
  readonly #provider: Provider
  readonly #folder: string
  #frame: Frame | undefined
  #protocol: CDPSession | undefined

  private constructor(subject: Subject, provider: Provider, workbench: Workbench, folder: string) {
    this.subject = subject
    this.workbench = workbench
    this.#provider = provider
    this.#folder = folder
  }

  /** Starts VS Code in a profile that nobody used before, with the side bar closed. `sizes`: conversations to seed. */
  static async open(
    subject: Subject,
    provider: Provider,
    sizes: readonly number[],
    prepare: (folder: string) => void = (folder) => seed(folder, sizes),
  ): Promise<Stage> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'panelist-bench-'))
    if (subject.name === 'panelist') prepare(folder)
    const workbench = await openWorkbench({
      folder,
      extensions: extensionsOf(subject.name),
      settings: { 'workbench.secondarySideBar.defaultVisibility': 'hidden', ...subject.settings(provider.url) },
      env: { PANELIST_REAL_CLOCK: '1', ...subject.env(provider.url) },
      measuring: true,
      ownOrigin: true,
      prepare: async (page) => void (await page.addInitScript({ path: probe })),
    })
    await workbench.helper.extensionHost()
    await pause(3_000) // the person opens the panel when the window is calm
    return new Stage(subject, provider, workbench, folder)
  }

  async close(): Promise<void> {
    await this.workbench.close()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  get frame(): Frame {
    if (!this.#frame) throw new Error('The panel is not open yet.')
    return this.#frame
  }

  get protocol(): CDPSession {
    if (!this.#protocol) throw new Error('The panel is not open yet.')
    return this.#protocol
  }

  /** Clicks the side bar open and gives the milliseconds from the click until text can be typed. */
  async openPanel(): Promise<number> {
    const { page } = this.workbench
    await page.evaluate('bench.arm()')
    await page.locator('.action-label[aria-label^="Toggle Secondary Side Bar"]').click()
    const frame = await this.#findFrame()
    this.#frame = frame
    const clicked = await page.evaluate<number>('bench.clicked()')
    const ready = await frame.evaluate<number>('bench.readyAt()')
    await this.#connect(frame)
    return ready - clicked
  }

  async #findFrame(): Promise<Frame> {
    for (const deadline = Date.now() + 40_000; Date.now() < deadline; await pause(100)) {
      for (const frame of this.workbench.page.frames()) {
        if (!frame.parentFrame()) continue
        if (await frame.evaluate<number>('bench.readyAt()').catch(() => 0)) return frame
      }
    }
    throw new Error(`${this.subject.name} shows no input; see ${await this.workbench.screenshot('failure-bench')}`)
  }

  /** Fails where the webview shares the workbench's process: then nothing here would mean anything. */
  async #connect(frame: Frame): Promise<void> {
    this.#protocol = await this.workbench.context.newCDPSession(frame.parentFrame() ?? frame)
    await this.#protocol.send('Performance.enable')
  }

  /** CPU seconds of the webview's renderer process, all threads. */
  async webviewCpu(): Promise<number> {
    const { metrics } = await this.protocol.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'ProcessTime')?.value ?? NaN
  }

  /** Megabytes of the webview's heap in use after a garbage collection. */
  async heap(): Promise<number> {
    await this.protocol.send('HeapProfiler.collectGarbage')
    const { usedSize } = await this.protocol.send('Runtime.getHeapUsage')
    return usedSize / 2 ** 20
  }

  /** Megabytes of the extension host's resident memory after a garbage collection. */
  async hostMemory(): Promise<number> {
    const { rss } = await this.workbench.helper.memory()
    return rss / 2 ** 20
  }

  async newChat(): Promise<void> {
    await this.workbench.helper.execute(this.subject.newChat)
    await pause(700)
  }

  /** Puts a question into the box as a paste would, and presses Enter. */
  async send(question: string): Promise<void> {
    const { keyboard } = this.workbench.page
    await this.frame.click(this.subject.input)
    await keyboard.insertText(question)
    await pause(150)
    await keyboard.press('Enter')
  }

  /** Asks, and measures until the whole answer is drawn and the page is at rest. */
  async stream(plan: Omit<Plan, 'tag'>): Promise<Streamed> {
    const { tag, ended } = await this.#provider.plan(plan)
    const { helper } = this.workbench
    await this.frame.evaluate(`bench.start('${firstMarker(tag)}', '${lastMarker(tag)}')`)
    const [hostBefore, webviewBefore] = [await helper.cpu(), await this.webviewCpu()]
    await this.send('What does the cache do?')
    const sent = await within(120_000, ended)
    const seen = await this.settled()
    const [hostAfter, webviewAfter] = [await helper.cpu(), await this.webviewCpu()]
    return { sent, seen, hostCpu: hostAfter - hostBefore, webviewCpu: webviewAfter - webviewBefore }
  }

  /** Starts a long answer and returns once its beginning is painted. */
  async begin(rate: number): Promise<{ ended: Promise<Record> }> {
    const { tag, ended } = await this.#provider.plan({ kind: 'long', rate, delayMs: 100 })
    const first = firstMarker(tag)
    await this.frame.evaluate(`bench.start('${first}', '${first}')`)
    await this.send('What does the cache do?')
    await this.#until(({ done }) => done)
    await this.frame.evaluate('bench.finish()')
    return { ended }
  }

  /** Milliseconds from `act` until this text has come into the page and is painted. */
  async opened(act: () => Promise<unknown>, text: string): Promise<number> {
    const clock = new Clock()
    await this.frame.evaluate(`bench.start('${text}', '${text}')`)
    const start = clock.now()
    await act()
    await this.#until(({ done }) => done)
    const { painted } = await this.frame.evaluate<Seen>('bench.finish()')
    return painted - start
  }

  /** Waits until both markers are painted and the page is at rest. */
  async settled(): Promise<Seen> {
    await this.#until(({ done, quietMs }) => done && quietMs > restMs)
    return this.frame.evaluate<Seen>('bench.finish()')
  }

  async #until(reached: (progress: { done: boolean; quietMs: number }) => boolean): Promise<void> {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(150)) {
      if (reached(await this.frame.evaluate('bench.progress()'))) return
    }
    const picture = await this.workbench.screenshot('failure-bench')
    throw new Error(`${this.subject.name} did not draw the whole answer; see ${picture}`)
  }

  /** Types into the box and gives the milliseconds from each key press to the paint after it. */
  async type(keys: number, field = this.subject.input): Promise<number[]> {
    const { keyboard } = this.workbench.page
    await this.frame.click(field)
    await pause(300)
    await this.frame.evaluate('bench.startTyping()')
    for (let place = 0; place < keys; place++) {
      await keyboard.press('abcdefghij'.charAt(place % 10))
      await pause(70)
    }
    await pause(200)
    const times = await this.frame.evaluate<number[]>('bench.stopTyping()')
    await keyboard.press('Control+A')
    await keyboard.press('Delete')
    return times
  }
}

/** Fails where this is not there after `limit` milliseconds: a figure that cannot be had must not stop the run. */
export function within<T>(limit: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`The provider heard of no end in ${limit / 1000} s.`)), limit)
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
