/** What work costs a page in time of its own thread: a busy machine makes it wait, and not cost more. */
import type { Page } from 'playwright-core'

/** Milliseconds of the processor. */
export async function cpuOf(page: Page, work: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spent = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * metrics.find(({ name }) => name === 'TaskDuration')!.value
  }
  const before = await spent()
  await work()
  const after = await spent()
  await session.detach()
  return after - before
}
