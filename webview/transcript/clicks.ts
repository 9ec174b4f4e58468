/** Answers clicks on what Markdown drew: links and the buttons of code blocks. */
import type { Panel } from '../state/panel.svelte.ts'
import { showLink } from './link.svelte.ts'

export function answerClick(panel: Panel, event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null
  const link = target?.closest<HTMLElement>('a[data-href]')
  if (link) {
    // VS Code would open whatever looks like a link.
    event.preventDefault()
    event.stopPropagation()
    return showLink(link)
  }
  const button = target?.closest<HTMLElement>('button[data-act]')
  if (button && event.button === 0) void press(panel, button)
}

export function answerKey(_panel: Panel, event: KeyboardEvent): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLElement>('a[data-href]') : null
  if (!link || (event.key !== 'Enter' && event.key !== ' ')) return
  event.preventDefault()
  event.stopPropagation()
  showLink(link)
}

async function press(panel: Panel, button: HTMLElement): Promise<void> {
  const block = button.closest('.code')
  const text = block?.querySelector('code')?.textContent ?? ''
  if (button.dataset['act'] === 'wrap') return void block?.toggleAttribute('data-wrap')
  if (button.dataset['act'] === 'insert') return void (await panel.try('insert', { text }))
  if (await panel.try('copy', { text })) confirmCopy(button)
}

/** Shows a tick for a moment. */
export function confirmCopy(button: HTMLElement): void {
  button.classList.add('confirmed')
  setTimeout(() => button.classList.remove('confirmed'), 1500)
}
