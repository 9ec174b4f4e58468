/**
 * Lets a test outside VS Code run commands and change settings inside it: JSON over HTTP on loopback, at the port that
 * `PANELIST_HELPER_PORT` names. Never part of what people install.
 *
 *   POST /command  { command, args }        answers { result }
 *   POST /settings { name: value | null }   null removes; answers once the values are in force
 *   GET  /pid                               answers { pid } of the extension host
 *   GET  /memory                            answers process.memoryUsage() of the extension host, after gc
 *   GET  /cpu                               answers process.cpuUsage() of the extension host
 *   POST /document { scheme }               answers { text } of the open document whose URI has that scheme
 *   GET  /in-front                          answers { path } of the file in the editor that is in front
 *   POST /remember { window, workspace }    has VS Code remember these words, for all windows and for this workspace
 *   POST /pass     { ms }                   moves the clock of the extension host on, see clock.mjs
 *   POST /profile  { run: true | false }    starts a CPU profile of the extension host; ends it and answers { profile }
 *
 * It also brings models and a tool to VS Code, see models.mjs and tools.mjs.
 */
import { createServer } from 'node:http'
import { Session } from 'node:inspector/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as vscode from 'vscode'
import { pass, takeClock } from './clock.mjs'
import { fakeModels } from './models.mjs'
import { fakeTools } from './tools.mjs'

// What is measured runs by the real clock: this one looks at who waits, for every wait.
if (!process.env.PANELIST_REAL_CLOCK) takeClock()
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')
let profiler
let memories

const routes = {
  'POST /command': async ({ command, args }) => ({ result: await vscode.commands.executeCommand(command, ...args) }),
  'POST /settings': async (changes) => {
    for (const [name, value] of Object.entries(changes)) {
      await vscode.workspace.getConfiguration().update(name, value ?? undefined, vscode.ConfigurationTarget.Global)
    }
    return {}
  },
  'GET /pid': async () => ({ pid: process.pid }),
  'GET /memory': async () => {
    collectGarbage()
    return process.memoryUsage()
  },
  'GET /cpu': async () => process.cpuUsage(),
  'POST /document': async ({ scheme }) => ({
    text: vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === scheme)?.getText(),
  }),
  'GET /in-front': async () => ({ path: vscode.window.activeTextEditor?.document.uri.path }),
  'POST /remember': async ({ window, workspace }) => {
    await memories.globalState.update('words', window)
    await memories.workspaceState.update('words', workspace)
    return {}
  },
  'POST /pass': async ({ ms }) => {
    pass(ms)
    return {}
  },
  'POST /profile': async ({ run }) => {
    if (!run) return profiler.post('Profiler.stop')
    profiler = new Session()
    profiler.connect()
    await profiler.post('Profiler.enable')
    return profiler.post('Profiler.start')
  },
}

async function answer(request, response) {
  let body = ''
  for await (const chunk of request) body += chunk
  try {
    const route = routes[`${request.method} ${request.url}`]
    if (!route) throw new Error(`The helper has no ${request.method} ${request.url}.`)
    response.end(JSON.stringify((await route(body === '' ? {} : JSON.parse(body))) ?? {}))
  } catch (error) {
    response.statusCode = 500
    response.end(JSON.stringify({ error: String(error?.message ?? error) }))
  }
}

export function activate(context) {
  memories = context
  context.subscriptions.push(...fakeModels(), ...fakeTools())
  const port = Number(process.env.PANELIST_HELPER_PORT)
  if (!port) return
  const server = createServer(answer)
  // After a reload of the window the extension host before this one may hold the port for a moment longer.
  server.on('error', () => setTimeout(() => server.listen(port, '127.0.0.1'), 50))
  server.listen(port, '127.0.0.1')
  context.subscriptions.push({ dispose: () => server.close() })
}
