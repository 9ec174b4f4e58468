/** What servers tell unasked. */
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import {
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import type { McpLogEntry, McpLogLevel } from './ports.ts'
import { clean, cutAt } from './text.ts'

export type ListKind = 'tools' | 'resources' | 'prompts'

export type Heard = {
  listChanged(kind: ListKind): void
  resourceUpdated(uri: string): void
  log(level: McpLogLevel, source: McpLogEntry['source'], text: string): void
}

const LONGEST = 4_000

export function listen(client: Client, heard: Heard): void {
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => heard.listChanged('tools'))
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => heard.listChanged('resources'))
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => heard.listChanged('prompts'))
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => heard.resourceUpdated(params.uri))
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params: { level, logger, data } }) => {
    const text = typeof data === 'string' ? data : (JSON.stringify(data) ?? '')
    heard.log(levelOf(level), 'server', cutAt(clean(logger ? `${logger}: ${text}` : text), LONGEST))
  })
}

function levelOf(level: string): McpLogLevel {
  if (level === 'debug' || level === 'warning') return level
  return level === 'info' || level === 'notice' ? 'info' : 'error'
}
