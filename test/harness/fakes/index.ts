/** Every kind of fake provider. A new one is a file and a line here. */
import { anthropic } from './anthropic.ts'
import { compatible, compatibleAnthropic } from './compatible.ts'
import { google } from './google.ts'
import { litellm } from './litellm.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import { openrouter } from './openrouter.ts'
import { vscode } from './vscode.ts'

export const fakes = {
  anthropic,
  openai,
  google,
  openrouter,
  ollama,
  litellm,
  compatible,
  'compatible-anthropic': compatibleAnthropic,
  vscode,
}

export type FakeKind = keyof typeof fakes
