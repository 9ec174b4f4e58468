/** Watches a page for what a person would never see and a test must not miss: errors, and breaches of the page's CSP. */
import type { ConsoleMessage, Page } from 'playwright-core'

export type Problem = { kind: 'console' | 'csp' | 'exception'; text: string; url: string }

/** Collects problems of `page` and of every frame in it until it closes. The array grows while the page lives. */
export function watchProblems(page: Page): Problem[] {
  const problems: Problem[] = []
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() !== 'error') return
    const text = message.text()
    const url = message.location().url
    if (/Content Security Policy/.test(text)) problems.push({ kind: 'csp', text, url })
    else if (concernsPanelist(text, url)) problems.push({ kind: 'console', text, url })
  })
  page.on('pageerror', (error) => {
    const text = error.stack ?? error.message
    if (!/\bCanceled\b/.test(text)) problems.push({ kind: 'exception', text, url: page.url() })
  })
  return problems
}

/**
 * The editor writes its whole log to the same console: in a server without a marketplace, a keyring and compiled
 * modules that holds errors of its own. So an error counts when a webview wrote it (inline scripts and injected ones
 * have no address), or when it names Panelist.
 */
function concernsPanelist(text: string, url: string): boolean {
  return (
    (url === '' && !/fetching the script/.test(text)) ||
    /fake\.html|\/webview\/|vscode-webview|panelist\.panelist/.test(url) ||
    /panelist\./.test(text)
  )
}
