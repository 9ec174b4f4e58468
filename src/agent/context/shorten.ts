/** Results of tools that a model has read already, as their first lines. */
import type { Part, ToolMessage, ToolResult } from '../../shared/message.ts'

/** UTF-16 units of a result that stay. The same in every request, whatever room there is: else no cache would hold. */
const KEPT = 600
/** Results that are hardly longer stay whole: a note that says what is missing takes room as well. */
const WORTH = 300

export function shortened(message: ToolMessage): ToolMessage {
  const content = message.content.map(shortResult)
  return content.every((result, at) => result === message.content[at]) ? message : { ...message, content }
}

function shortResult(result: ToolResult): ToolResult {
  const text = result.output.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
  const files = result.output.filter(({ type }) => type === 'file').length
  if (files === 0 && text.length <= KEPT + WORTH) return result
  const kept = text.slice(0, KEPT).toWellFormed()
  const missing = [
    text.length > kept.length && `${text.length - kept.length} characters`,
    files > 0 && (files === 1 ? '1 file' : `${files} files`),
  ].filter(Boolean)
  const note = `[Shortened to fit the context window: ${missing.join(' and ')} left out. Call the tool again to see them.]`
  const output: Part[] = [{ type: 'text', text: kept.trim() === '' ? note : `${kept}\n${note}` }]
  return { ...result, output }
}
