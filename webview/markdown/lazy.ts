/**
 * The code that draws Markdown is most of the page's, so it is a bundle of its own (see esbuild.mjs) that loads while
 * the rest can already be used. Only types of it may be imported elsewhere, or it comes back into the first script.
 */
import type { MarkdownRenderer } from './renderer.ts'

let Renderer: typeof MarkdownRenderer | undefined

export async function loadMarkdown(): Promise<void> {
  Renderer = (await import('./renderer.ts')).MarkdownRenderer
  requestIdleCallback(warmUp)
}

/** The first words of an answer shall not wait until the engine has compiled what draws them. */
function warmUp(): void {
  const renderer = newRenderer(document.createElement('div'))
  renderer.update('Some **words**')
  renderer.update('Some **words** and\n\n- a list with `code`\n')
}

/** Only after `loadMarkdown` has come to its end. */
export function newRenderer(root: HTMLElement): MarkdownRenderer {
  if (!Renderer) throw new Error('Markdown is drawn before its code is loaded')
  return new Renderer(root)
}
