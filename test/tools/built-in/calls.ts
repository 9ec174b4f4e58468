/** Calls of tools as the loop makes them: checked by the schema, previewed, run. */
import assert from 'node:assert/strict'
import { Ajv } from 'ajv'
import type { Json } from '../../../src/shared/json.ts'
import type { Preview, Tool, ToolContext, ToolOutcome } from '../../../src/tools/tool.ts'

const ajv = new Ajv({ strict: true, useDefaults: false })

export type Called = { text: string; failed: boolean; outcome: ToolOutcome; preview: Preview | undefined; live: string }

/** What was thrown is a failed result, as in the loop. */
export async function call(tool: Tool, input: Json, options: { signal?: AbortSignal } = {}): Promise<Called> {
  assert.ok(ajv.validate(tool.inputSchema, input), `${tool.name}: ${ajv.errorsText()}`)
  const signal = options.signal ?? new AbortController().signal
  let live = ''
  const context: ToolContext = {
    signal,
    callId: 'call',
    conversation: 'conversation',
    onOutput: (text) => (live += text),
    onProgress: () => {},
  }
  let preview: Preview | undefined
  try {
    preview = await tool.preview?.(input, context)
    const outcome = await tool.run(input, context)
    return { text: textOf(outcome), failed: outcome.failed === true, outcome, preview, live }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { text, failed: true, outcome: { output: [{ type: 'text', text }], failed: true }, preview, live }
  }
}

export function textOf({ output }: ToolOutcome): string {
  return output.map((part) => (part.type === 'text' ? part.text : `[${part.media.mediaType}]`)).join('\n')
}
