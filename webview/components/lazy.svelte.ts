/** What is not needed for the first draw: loaded behind the rest, or by the first that needs it. */
import type * as Later from './later.ts'
import type { Panel } from '../state/panel.svelte.ts'

let loaded: typeof Later | undefined = $state.raw()

/** Undefined until it is there. */
export const later = (): typeof Later | undefined => loaded

/** Runs with it once it is there; where it cannot be loaded, that is said. */
export async function withLater(panel: Panel, run: (parts: typeof Later) => unknown): Promise<void> {
  await loadLater(panel)
  if (loaded) await run(loaded)
}

export async function loadLater(panel: Panel): Promise<void> {
  try {
    loaded ??= await import('./later.ts')
  } catch {
    panel.problem = 'Panelist could not load all of the panel. Reload the window.'
  }
}
