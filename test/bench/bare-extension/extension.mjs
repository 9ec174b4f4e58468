/**
 * The floor that the bench compares with: the least a chat in a webview can be. The host posts what each read of the
 * socket brought, the page appends it as plain text. No markdown, no store, no batching, no history.
 */
import * as vscode from 'vscode'

/** The page: what is said is appended, Enter sends, the button stops. */
const page = `<!doctype html><html><body>
<div id="log" style="white-space: pre-wrap"></div>
<textarea id="in"></textarea><button id="stop">Stop</button>
<script>
  const host = acquireVsCodeApi()
  const log = document.getElementById('log')
  const box = document.getElementById('in')
  const append = (text) => log.append(document.createTextNode(text))
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    append('\\n> ' + box.value + '\\n')
    host.postMessage({ send: box.value })
    box.value = ''
  })
  document.getElementById('stop').addEventListener('click', () => host.postMessage({ stop: true }))
  addEventListener('message', ({ data }) => (data.clear ? log.replaceChildren() : append(data.text)))
</script></body></html>`

const endpoint = `${process.env.PANELIST_BENCH_PROVIDER}/v1/messages`

/** The texts of the deltas among these lines of an event stream. */
function textsOf(lines) {
  let text = ''
  for (const line of lines) if (line.startsWith('data: ')) text += JSON.parse(line.slice(6)).delta?.text ?? ''
  return text
}

async function ask(question, signal, post) {
  const messages = [{ role: 'user', content: question }]
  const response = await fetch(endpoint, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'bare', stream: true, messages }),
  })
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of response.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop()
    const text = textsOf(lines)
    if (text !== '') post({ text })
  }
}

export function activate(context) {
  let webview
  let controller
  const post = (message) => void webview?.postMessage(message)
  const receive = async (message) => {
    if (message.stop) return controller?.abort()
    controller = new AbortController()
    await ask(message.send, controller.signal, post).catch(() => undefined)
  }
  const resolveWebviewView = (view) => {
    webview = view.webview
    webview.onDidReceiveMessage(receive)
    webview.options = { enableScripts: true }
    webview.html = page
  }
  context.subscriptions.push(
    vscode.window.registerWebviewViewProvider('bare.chat', { resolveWebviewView }),
    vscode.commands.registerCommand('bare.new', () => post({ clear: true })),
    vscode.commands.registerCommand('bare.fill', (text) => post({ text })),
  )
}
