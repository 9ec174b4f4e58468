/** Bundles the webview as the extension ships it, and beside it the scripts that stand in for VS Code. */
import { cp, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import esbuild from 'esbuild'
import { webviewOptions } from '../../../webview/esbuild.mjs'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
export const outDir = path.join(root, 'out/webview')

export async function build({ production = true } = {}): Promise<void> {
  await mkdir(outDir, { recursive: true })
  const options = { ...webviewOptions({ production }), absWorkingDir: root, outdir: outDir, minify: production }
  const entries = {
    webview: 'webview/main.ts',
    host: 'test/webview/harness/host.ts',
    lab: 'test/webview/harness/lab.ts',
  }
  await esbuild.build({
    ...options,
    entryPoints: entries,
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
  })
  for (const name of ['codicon.css', 'codicon.ttf']) {
    await cp(path.join(root, 'node_modules/@vscode/codicons/dist', name), path.join(outDir, name))
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ production: !process.argv.includes('--dev') })
