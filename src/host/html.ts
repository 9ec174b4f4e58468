/** The pages of the extension. Nothing in them may load from elsewhere, and only our script runs. */
import { randomBytes } from 'node:crypto'
import * as vscode from 'vscode'

export function panelHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  return pageHtml(webview, extension, 'Panelist', 'webview', 'webview-chunk')
}

/** `name`: of its script and its sheet in `dist`. `shared`: what its script needs at once. */
export function pageHtml(
  webview: vscode.Webview,
  extension: vscode.Uri,
  title: string,
  name: string,
  shared?: string,
): string {
  const nonce = randomBytes(16).toString('base64')
  const dist = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', file)).toString()
  const policy = [
    `default-src 'none'`,
    `img-src ${webview.cspSource} data: blob:`,
    `font-src ${webview.cspSource}`,
    `style-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
    `connect-src 'none'`,
    `form-action 'none'`,
    `base-uri 'none'`,
  ].join('; ')
  const preload = shared ? `<link rel="modulepreload" nonce="${nonce}" href="${dist(`${shared}.js`)}">\n` : ''
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${preload}<link rel="stylesheet" href="${dist('codicon.css')}">
<link rel="stylesheet" href="${dist(`${name}.css`)}">
</head>
<body>
<div id="app"></div>
<script type="module" nonce="${nonce}" src="${dist(`${name}.js`)}"></script>
</body>
</html>`
}
