/** What is not needed for the first draw: loaded behind the rest, or by the first that needs it. */
import type * as Later from './later.ts'
import type { Panel } from '../state/panel.svelte.ts'

let loaded: typeof Later | undefined = $state.raw()
let loading: Promise<typeof Later> | undefined

/** Undefined until it is there. */
export const later = (): typeof Later | undefined => loaded

/** Runs with it once it is there; where it cannot be loaded, that is said. */
export async function withLater(panel: Panel, run: (parts: typeof Later) => unknown): Promise<void> {
  await loadLater(panel)
  if (loaded) await run(loaded)
}

export async function loadLater(panel: Panel): Promise<void> {
  try {
    loaded ??= await (loading ??= load())
  } catch {
    loading = undefined
    panel.problem = 'Panelist could not load all of the panel. Reload the window.'
  }
}

/** Nothing of it is drawn before its sheet is there. */
async function load(): Promise<typeof Later> {
  const [parts] = await Promise.all([import('./later.ts'), sheet(new URL('./webview-later.css', import.meta.url))])
  return parts
}

function sheet({ href }: URL): Promise<void> {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = href
  return new Promise((resolve, reject) => {
    link.onload = () => resolve()
    link.onerror = () => {
      link.remove()
      reject(new Error('The styles could not be loaded.'))
    }
    document.head.append(link)
  })
}
