/**
 * What a growing answer costs the page, beside a page that appends the same pieces as plain text.
 *
 *   node test/webview/harness/speed.ts
 */
import type { CDPSession, Page } from 'playwright-core'
import { Rig } from './browser.ts'
import { ANSWER, SHORT } from './texts.ts'

const SIZE = 24_000
const PIECE = /[\s\S]{1,4}/g
/** Pieces reach the page in batches this far apart. */
const BATCH_MS = 25

let text = ''
for (let part = 1; text.length < SIZE; part++) text += `## Part ${part}\n\n${ANSWER}\n\n${SHORT}\n\n`
const pieces: string[] = text.slice(0, SIZE).match(PIECE) ?? []

type Cost = Record<string, number>

async function metrics(session: CDPSession): Promise<Cost> {
  const { metrics: list } = await session.send('Performance.getMetrics')
  return Object.fromEntries(list.map(({ name, value }) => [name, value]))
}

async function cost(page: Page, work: () => Promise<Cost>): Promise<Cost> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const before = await metrics(session)
  const result = await work()
  const after = await metrics(session)
  const names = ['TaskDuration', 'ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration']
  for (const name of names) result[name] = Math.round(((after[name] ?? 0) - (before[name] ?? 0)) * 1000)
  return result
}

/** Feeds the pieces at a pace (pieces a second; 0: all at once), through `host` or as plain text. */
function feed(page: Page, pace: number, plain: boolean): Promise<Cost> {
  return page.evaluate(
    async ({ list, pace, plain, every }) => {
      const long: number[] = []
      const observer = new PerformanceObserver((entries) =>
        entries.getEntries().forEach((one) => long.push(one.duration)),
      )
      observer.observe({ type: 'longtask' })
      const box = document.createElement('div')
      if (plain) {
        document.body.replaceChildren(box)
        Object.assign(document.body.style, { overflow: 'auto', whiteSpace: 'pre-wrap' })
      } else window.host.start()
      let at = 0
      const started = performance.now()
      while (at < list.length) {
        await new Promise((resolve) => setTimeout(resolve, plain && pace ? Math.max(1, 1000 / pace) : every))
        const due = pace ? Math.floor(((performance.now() - started) * pace) / 1000) : list.length
        const next = list.slice(at, Math.max(at, due))
        if (next.length === 0) continue
        at += next.length
        if (plain) box.append(document.createTextNode(next.join('')))
        else window.host.say(next.join(''))
      }
      const lastByte = performance.now()
      if (!plain) window.host.end()
      let lastChange = lastByte
      const mutations = new MutationObserver(() => (lastChange = performance.now()))
      mutations.observe(document.body, { subtree: true, childList: true, characterData: true })
      await new Promise((resolve) => setTimeout(resolve, 1200))
      mutations.disconnect()
      observer.disconnect()
      const longMs = Math.round(long.reduce((sum, one) => sum + one, 0))
      return { settledMs: Math.round(lastChange - lastByte), longTasks: long.length, longMs }
    },
    { list: pieces, pace, plain, every: BATCH_MS },
  )
}

const rig = await Rig.start()
try {
  for (const pace of [0, 1000, 100]) {
    for (const plain of [true, false]) {
      const page = await rig.open('streaming', { width: 400, height: 800 })
      const part: string[] = pace === 100 ? pieces.splice(1500) : []
      console.log(
        pace || 'unthrottled',
        plain ? 'plain' : 'panel',
        JSON.stringify(await cost(page, () => feed(page, pace, plain))),
      )
      pieces.push(...part)
      await page.close()
    }
  }
  for (const scene of ['empty', 'turns200', 'wholePage'] as const) {
    const start = Date.now()
    const page = await rig.open(scene)
    const opened = Date.now() - start
    const session = await page.context().newCDPSession(page)
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    const open = await page.evaluate(async () => {
      const from = performance.now()
      window.host.post({ type: 'batch', epoch: 'gone', seq: 1, events: [] })
      while (window.host.requests('ready').length < 2) await new Promise((resolve) => setTimeout(resolve))
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      return Math.round(performance.now() - from)
    })
    console.log(
      scene,
      `heap ${(usedSize / 1e6).toFixed(1)} MB, page opened in ${opened} ms, snapshot again in ${open} ms`,
    )
    await page.close()
  }
} finally {
  await rig.stop()
}
