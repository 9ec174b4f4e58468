/** The page of a panel. Nothing in it may load from elsewhere, and only our script runs. */
import { randomBytes } from 'node:crypto'
import * as vscode from 'vscode'

export function panelHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64')
  const dist = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', name)).toString()
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
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Panelist</title>
<link rel="modulepreload" nonce="${nonce}" href="${dist('webview-chunk.js')}">
<link rel="stylesheet" href="${dist('codicon.css')}">
<link rel="stylesheet" href="${dist('webview.css')}">
</head>
<body>
<div id="app"></div>
<script type="module" nonce="${nonce}" src="${dist('webview.js')}"></script>
</body>
</html>`
}
