/** How files and long text come into the composer. A message that is sent at once waits for them. */
import { foldersOf, isLong, pastedFiles, urisOf } from '../state/dropped.ts'
import type { Panel } from '../state/panel.svelte.ts'
import { later, loadLater, withLater } from './lazy.svelte.ts'

export function takingOf(panel: Panel) {
  const { composer } = panel

  function take(files: File[]): void {
    void composer.hold(withLater(panel, ({ takeFiles }) => takeFiles(panel, files)))
  }

  function paste(event: ClipboardEvent): void {
    const files = pastedFiles(event.clipboardData)
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (files.length === 0 && !isLong(text)) return
    event.preventDefault()
    if (files.length > 0) take(files)
    else void composer.hold(takeLong(text))
  }

  async function takeLong(text: string): Promise<void> {
    if (!later()) await loadLater(panel)
    const loaded = later()
    if (loaded) loaded.takeText(panel, text)
    else composer.focus(text)
  }

  function drop(event: DragEvent): void {
    const folders = foldersOf(event.dataTransfer)
    const files = [...(event.dataTransfer?.files ?? [])].filter(({ name }) => !folders.some((one) => one.name === name))
    const named = files.length + folders.length > 0 ? [] : urisOf(event.dataTransfer)
    if (files.length + folders.length + named.length === 0) return
    event.preventDefault()
    const taken = withLater(panel, async ({ takeFiles, takeFolders, takeNamed }) => {
      if (named.length > 0) return takeNamed(panel, named)
      if (files.length > 0) await takeFiles(panel, files)
      await takeFolders(panel, folders)
    })
    void composer.hold(taken)
  }

  return { take, paste, drop }
}
