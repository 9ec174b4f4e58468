/** Serves the bundled webview on loopback, in a page and under a policy like those VS Code gives it. */
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { outDir } from './build.ts'
import { styleSheet, themes, type ThemeName } from './themes.ts'

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
  '.map': 'application/json',
}

export type Site = { url: string; close(): Promise<void> }

/** `/?scene=NAME&theme=NAME` is the panel, `/usage` the usage page, `/lab` a page with only the parts that are tested alone. */
export async function serve(port = 0): Promise<Site> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    void answer(url).then(
      ({ type, body, policy }) => {
        response.setHeader('content-type', type)
        if (policy) response.setHeader('content-security-policy', policy)
        else response.setHeader('cache-control', 'max-age=3600')
        response.end(body)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: chosen } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${chosen}`, close: () => close(server) }
}

type Answer = { type: string; body: string | Buffer; policy?: string }

async function answer(url: URL): Promise<Answer> {
  const theme = (url.searchParams.get('theme') ?? 'dark') as ThemeName
  if (url.pathname === '/' || url.pathname === '/lab' || url.pathname === '/usage') return page(url, theme)
  if (url.pathname === '/theme.css') return { type: 'text/css', body: styleSheet(theme) }
  if (url.pathname === '/favicon.ico') return { type: 'image/png', body: '' }
  const type = TYPES[path.extname(url.pathname)]
  if (!type) throw new Error('not found')
  return { type, body: await readFile(path.join(outDir, path.basename(url.pathname))) }
}

function page(url: URL, theme: ThemeName): Answer {
  const nonce = Math.random().toString(36).slice(2)
  const source = url.origin.replace('localhost', '127.0.0.1:*')
  const policy =
    `default-src 'none'; img-src ${source} data: blob:; font-src ${source}; style-src ${source}; ` +
    `script-src 'nonce-${nonce}'; connect-src 'none'; form-action 'none'; base-uri 'none'`
  const isUsage = url.pathname === '/usage'
  const ofPage = isUsage ? ['usage-host.js', 'webview-usage.js'] : ['host.js', 'webview.js']
  const scripts = url.pathname === '/lab' ? ['lab.js'] : ofPage
  const preload = isUsage ? '' : `<link rel="modulepreload" nonce="${nonce}" href="/webview-chunk.js">`
  const motion = url.searchParams.has('still') ? ' vscode-reduce-motion' : ''
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Panelist</title>
${preload}
<link rel="stylesheet" href="/theme.css?theme=${theme}">
<link rel="stylesheet" href="/codicon.css"><link rel="stylesheet" href="/webview${isUsage ? '-usage' : ''}.css"></head>
<body class="${themes[theme].body}${motion}"><div id="app"></div>
${scripts.map((name) => `<script type="module" nonce="${nonce}" src="/${name}"></script>`).join('\n')}
</body></html>`
  return { type: 'text/html', body, policy }
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
