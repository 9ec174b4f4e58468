/** What of VS Code its language models take. The rest of this folder gets it as a parameter, so that it runs in plain Node. */
import type * as vscode from 'vscode'

export type LanguageModels = Pick<
  typeof vscode,
  | 'CancellationTokenSource'
  | 'LanguageModelChatMessage'
  | 'LanguageModelChatToolMode'
  | 'LanguageModelDataPart'
  | 'LanguageModelTextPart'
  | 'LanguageModelToolCallPart'
  | 'LanguageModelToolResultPart'
> & { lm: Pick<typeof vscode.lm, 'selectChatModels' | 'onDidChangeChatModels'> }

/** The classes that messages are made of. */
export type PartClasses = Omit<LanguageModels, 'lm' | 'CancellationTokenSource'>

export type ChatModel = Pick<
  vscode.LanguageModelChat,
  'id' | 'vendor' | 'name' | 'maxInputTokens' | 'sendRequest' | 'countTokens'
>

export type ChatMessage = vscode.LanguageModelChatMessage
export type ChatOptions = vscode.LanguageModelChatRequestOptions
export type DataPart = vscode.LanguageModelDataPart
export type UserPart = vscode.LanguageModelTextPart | vscode.LanguageModelToolResultPart | DataPart
export type AnswerPart = vscode.LanguageModelTextPart | vscode.LanguageModelToolCallPart | DataPart
export type Event = vscode.Event<void>
