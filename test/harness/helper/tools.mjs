/**
 * A tool that tests bring to VS Code: `panelist-tests_weather`, which answers what it was asked, and waits where it is
 * asked of `nowhere` until it is cancelled.
 *
 *   panelist-tests.toolCalls   the inputs of all calls, each with `cancelled`
 */
import * as vscode from 'vscode'

export function fakeTools() {
  const calls = []
  return [
    vscode.lm.registerTool('panelist-tests_weather', {
      prepareInvocation: () => ({ invocationMessage: 'Looking at the sky' }),
      async invoke({ input }, token) {
        const call = { input, cancelled: false }
        calls.push(call)
        if (input.city === 'nowhere') {
          await new Promise((resolve) => token.onCancellationRequested(resolve))
          call.cancelled = true
        }
        const picture = Uint8Array.from(Buffer.from('iVBORw0KGgo=', 'base64'))
        return new vscode.LanguageModelToolResult([
          new vscode.LanguageModelTextPart(`Sunny in ${input.city}`),
          new vscode.LanguageModelDataPart(picture, 'image/png'),
        ])
      },
    }),
    vscode.commands.registerCommand('panelist-tests.toolCalls', () => calls),
  ]
}
