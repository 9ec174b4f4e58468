/**
 * Models that tests bring to VS Code: a vendor named `fake-vendor`, which has none until a test gives it some. Driven by
 * commands, so by `Helper.execute` from outside VS Code and by `executeCommand` from inside. All of it is JSON.
 *
 *   panelist-tests.models   [{ id, name?, maxInputTokens?, tools?, images? }]   the models there are; tells VS Code
 *   panelist-tests.answer   step[] | { url } | nothing                          what every request is answered with
 *   panelist-tests.goOn                                                         ends the step that is held
 *   panelist-tests.requests                                                     what was asked since the last `models`
 *
 * A step is one of { text }, { thinking }, { call: { id, name, input } }, { data: { mimeType, base64 } },
 * { error: { code?, message? } }, { hold: true }, which waits for `goOn`, and { hang: true }, which waits until it is
 * cancelled.
 * With `url` each request is posted there, in the form that `requests` gives, and the answer is the steps. With nothing
 * the last words of the user are repeated.
 */
import * as vscode from 'vscode'

const vendor = 'fake-vendor'

export function fakeModels() {
  const changed = new vscode.EventEmitter()
  const goOn = new vscode.EventEmitter()
  let models = []
  let script
  let requests = []

  const provider = {
    onDidChangeLanguageModelChatInformation: changed.event,
    provideLanguageModelChatInformation: () => models.map(information),
    provideTokenCount: (_model, what) => Promise.resolve(Math.ceil(wordsOf(what).length / 4)),
    async provideLanguageModelChatResponse(model, messages, options, progress, token) {
      const { tools, toolMode, modelOptions } = options
      const plain = { messages: messages.map(plainMessage), tools: tools ?? [], toolMode, modelOptions }
      const request = { model: model.id, ...plain, cancelled: false }
      requests.push(request)
      token.onCancellationRequested(() => (request.cancelled = true))
      for (const step of await stepsFor(script, request)) await take(step, progress, token, goOn)
    },
  }

  return [
    changed,
    goOn,
    vscode.commands.registerCommand('panelist-tests.goOn', () => goOn.fire()),
    vscode.lm.registerLanguageModelChatProvider(vendor, provider),
    vscode.commands.registerCommand('panelist-tests.models', (given) => {
      models = given
      requests = []
      changed.fire()
    }),
    vscode.commands.registerCommand('panelist-tests.answer', (given) => {
      script = given
    }),
    vscode.commands.registerCommand('panelist-tests.requests', () => requests),
  ]
}

function information({ id, name = id, maxInputTokens = 8000, tools = true, images = true }) {
  const capabilities = { toolCalling: tools, imageInput: images }
  return { id, name, family: 'fake', version: '1', maxInputTokens, maxOutputTokens: 1000, capabilities }
}

async function stepsFor(script, request) {
  if (Array.isArray(script)) return script
  if (script?.url) {
    const answer = await fetch(script.url, { method: 'POST', body: JSON.stringify(request) })
    return answer.json()
  }
  const texts = request.messages.at(-1).parts.filter(({ type }) => type === 'text')
  return [{ text: texts.map(({ text }) => text).join('\n') }]
}

async function take(step, progress, token, goOn) {
  if ('text' in step) progress.report(new vscode.LanguageModelTextPart(step.text))
  if ('thinking' in step) progress.report(new vscode.LanguageModelThinkingPart(step.thinking))
  if ('call' in step) {
    const { id, name, input } = step.call
    progress.report(new vscode.LanguageModelToolCallPart(id, name, input))
  }
  if ('data' in step) {
    const { mimeType, base64 } = step.data
    progress.report(new vscode.LanguageModelDataPart(Uint8Array.from(Buffer.from(base64, 'base64')), mimeType))
  }
  if ('error' in step) throw errorOf(step.error)
  if ('hold' in step) await new Promise((resolve) => goOn.event(resolve))
  if ('hang' in step && !token.isCancellationRequested) {
    await new Promise((resolve) => token.onCancellationRequested(resolve))
  }
}

/** Without a code an error of the vendor's own, as of its network. */
function errorOf({ code, message }) {
  return code === undefined ? new Error(message) : vscode.LanguageModelError[code](message)
}

function plainMessage({ role, content }) {
  return {
    role: role === vscode.LanguageModelChatMessageRole.User ? 'user' : 'assistant',
    parts: content.map(plainPart),
  }
}

function plainPart(part) {
  if (part instanceof vscode.LanguageModelTextPart) return { type: 'text', text: part.value }
  if (part instanceof vscode.LanguageModelToolCallPart) {
    return { type: 'call', id: part.callId, name: part.name, input: part.input }
  }
  if (part instanceof vscode.LanguageModelToolResultPart) {
    return { type: 'result', id: part.callId, parts: part.content.map(plainPart) }
  }
  if (part instanceof vscode.LanguageModelDataPart) {
    return { type: 'data', mimeType: part.mimeType, base64: Buffer.from(part.data).toString('base64') }
  }
  return { type: 'unknown' }
}

function wordsOf(what) {
  if (typeof what === 'string') return what
  return what.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('')
}
