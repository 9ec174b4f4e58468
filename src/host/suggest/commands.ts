/** The commands of the composer that do something in the panel itself. */
import type { Shown } from '../../shared/protocol.ts'
import type { SuggestionSource } from './source.ts'

const COMMANDS: { name: string; detail: string; icon: string; what: Shown }[] = [
  { name: 'new', detail: 'Start a new chat', icon: 'add', what: 'new' },
  { name: 'model', detail: 'Choose the model', icon: 'chip', what: 'models' },
  { name: 'options', detail: 'Thinking, length of answers, key', icon: 'settings', what: 'options' },
  { name: 'tools', detail: 'Tools of this chat', icon: 'tools', what: 'tools' },
  { name: 'history', detail: 'Earlier chats', icon: 'history', what: 'history' },
  { name: 'providers', detail: 'Providers and keys', icon: 'server', what: 'providers' },
  { name: 'mcp', detail: 'MCP servers', icon: 'plug', what: 'mcp' },
  { name: 'allowed', detail: 'What tools may do without asking', icon: 'shield', what: 'allowed' },
  { name: 'log', detail: 'What Panelist does, as it happens', icon: 'pulse', what: 'log' },
]

export const panelCommands: SuggestionSource = {
  name: 'panel',
  trigger: '/',
  async offers() {
    return COMMANDS.map(({ name, detail, icon }) => ({
      key: name,
      label: `/${name}`,
      detail,
      icon,
      group: 'Commands',
      search: detail,
    }))
  },
  async take(key) {
    const command = COMMANDS.find(({ name }) => name === key)
    if (!command) throw new Error(`There is no command /${key}.`)
    return { kind: 'show', what: command.what }
  },
}
