/** What ten thousand chats cost a person who looks for one of them, in a VS Code of its own. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Samples } from './parts.ts'
import { p95 } from './parts.ts'
import type { Provider } from './provider.ts'
import { seedChats } from './seed.ts'
import { Stage } from './stage.ts'
import type { Subject } from './subject.ts'

export const manyChats = 10_000
/** More rows than this are never in the page, however many chats there are. */
const MOST_ROWS = 100
const runs = 3
/** In one title alone. */
const NEWEST = 'newestchat'
const OLDEST = 'oldestchat'
const SOUGHT = 'soughtchat'

/** `samples` gets figures that begin with `chats `. Throws where the page does not stay small. */
export async function measureChats(subject: Subject, provider: Provider, samples: Samples): Promise<void> {
  const add = (figure: string, ...values: number[]): void => {
    samples[figure] = [...(samples[figure] ?? []), ...values]
  }
  const titles = { [manyChats - 1]: NEWEST, [manyChats >> 1]: SOUGHT, 0: OLDEST }
  const stage = await Stage.open(subject, provider, [], (folder) => seedChats(folder, manyChats, titles))
  try {
    await stage.openPanel()
    add('chats typing', p95(await stage.type(40)))
    for (let run = 0; run < runs; run++) {
      add('chats open', await stage.opened(() => stage.workbench.helper.execute('panelist.showHistory'), NEWEST))
      const { took, rows } = await toEnd(stage)
      if (rows > MOST_ROWS) throw new Error(`${rows} rows of the history were in the page at once.`)
      add('chats end', took)
      add('chats search', await search(stage))
      add('chats search typing', p95(await stage.type(20, FIELD)))
      await leave(stage)
    }
  } finally {
    await stage.close()
  }
}

/** Back to the chat: Esc clears the field, and then closes the history. */
async function leave(stage: Stage): Promise<void> {
  const composer = stage.frame.locator(stage.subject.input)
  for (let time = 0; time < 3 && !(await composer.isVisible()); time++) {
    await stage.workbench.page.keyboard.press('Escape')
    await pause(300)
  }
}

const FIELD = '[data-testid="history-search"]'

/** Scrolls to the end as fast as the list grows. Gives the milliseconds, and the most rows that were there at once. */
function toEnd(stage: Stage): Promise<{ took: number; rows: number }> {
  return stage.frame.evaluate(
    async ([end, limit]) => {
      const list = document.querySelector('[data-testid="history"] .list')!
      const start = performance.now()
      let rows = 0
      while (!list.textContent.includes(end)) {
        if (performance.now() - start > limit) throw new Error('The history never came to its end.')
        list.scrollTop = list.scrollHeight
        await new Promise((resolve) => requestAnimationFrame(resolve))
        rows = Math.max(rows, list.querySelectorAll('[data-conversation]').length)
      }
      return { took: performance.now() - start, rows }
    },
    [OLDEST, 60_000] as const,
  )
}

/** From the word in the field to its chat on the screen. */
async function search(stage: Stage): Promise<number> {
  await stage.frame.click(FIELD)
  return stage.opened(() => stage.workbench.page.keyboard.insertText(SOUGHT), SOUGHT)
}
