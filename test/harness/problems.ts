/** Watches a page for what a person would never see and a test must not miss: errors, and breaches of the page's CSP. */
import type { ConsoleMessage, Page } from 'playwright-core'

export type Problem = { kind: 'console' | 'csp' | 'exception'; text: string; url: string }

/** What VS Code itself writes as an error in a server without a marketplace, a keyring or compiled modules. */
const editorNoise = [
  /Failed to load resource/,
  /net::ERR_/,
  /WebSocket connection/,
  /marketplace|gallery|open-vsx/i,
  /spdlog|@vscode\/deviceid|windows-registry/,
  /An iframe which has both allow-scripts and allow-same-origin/,
  /Canceled: Canceled/,
  /\[Extension Host\]/, // what extensions print; tests of the host read its log instead
]

/** Collects problems of `page` and of every frame in it until it closes. The array grows while the page lives. */
export function watchProblems(page: Page): Problem[] {
  const problems: Problem[] = []
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() !== 'error') return
    const text = message.text()
    const url = message.location().url
    if (/Content Security Policy/.test(text)) problems.push({ kind: 'csp', text, url })
    else if (isWebview(url) || !editorNoise.some((noise) => noise.test(text))) {
      problems.push({ kind: 'console', text, url })
    }
  })
  page.on('pageerror', (error) => {
    const text = error.stack ?? error.message
    if (!editorNoise.some((noise) => noise.test(text))) problems.push({ kind: 'exception', text, url: page.url() })
  })
  return problems
}

function isWebview(url: string): boolean {
  return url.includes('/panelist.panelist-') || url.includes('fake.html') || url.includes('vscode-webview')
}
