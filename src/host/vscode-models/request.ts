/**
 * A chat request as messages and options of VS Code's language model API.
 *
 * The API has no system role, so the system prompt is the first message, of the user's. It has no limit of output, no
 * temperature and no thinking either: `modelOptions` means something else to each vendor, so nothing is put there.
 */
import { isImage, missing, outputText, textOfFile } from '../../llm/openai/media.ts'
import { repair } from '../../llm/repair.ts'
import type { ChatRequest } from '../../llm/types.ts'
import { isObject } from '../../shared/json.ts'
import type { File, Message, Part, ToolResult } from '../../shared/message.ts'
import type { ChatMessage, ChatModel, ChatOptions, DataPart, PartClasses, UserPart } from './api.ts'
import { answerParts, bytesOf } from './blocks.ts'
import { abilitiesOf, isOfVendor } from './shelf.ts'

/** What writing takes: the classes, and whether the model sees images. Where nobody tells, it is taken to. */
type Writer = { classes: PartClasses; sees: boolean }

export function messagesOf(request: ChatRequest, model: ChatModel, classes: PartClasses): ChatMessage[] {
  const writer: Writer = { classes, sees: abilitiesOf(model).images !== false }
  const { User } = classes.LanguageModelChatMessage
  const system = request.system?.trim() ? [User([new classes.LanguageModelTextPart(request.system)])] : []
  const history = repair(ownVendorOnly(request.messages, model), 'vscode', 'vscode')
  return [...system, ...history.flatMap((message) => write(message, writer))]
}

export function optionsOf({ tools = [], toolChoice }: ChatRequest, classes: PartClasses): ChatOptions {
  const justification = 'Panelist sends the conversation in its panel to the model you chose there.'
  const named = typeof toolChoice === 'object' ? toolChoice.name : undefined
  const offered = toolChoice === 'none' ? [] : tools.filter(({ name }) => named === undefined || name === named)
  if (offered.length === 0) return { justification }
  const { Auto, Required } = classes.LanguageModelChatToolMode
  return {
    justification,
    tools: offered.map(({ name, description, inputSchema }) => ({
      name,
      description,
      ...(isObject(inputSchema) && { inputSchema }),
    })),
    toolMode: toolChoice === 'required' || named !== undefined ? Required : Auto,
  }
}

/** Another vendor's answers are another provider's to the repair, though VS Code stands before both. */
function ownVendorOnly(messages: readonly Message[], model: ChatModel): Message[] {
  return messages.map((message) => {
    if (message.role !== 'assistant' || message.origin.provider !== 'vscode') return message
    if (isOfVendor(message.origin.model, model)) return message
    return { ...message, origin: { ...message.origin, provider: `vscode: ${message.origin.model}` } }
  })
}

function write(message: Message, writer: Writer): ChatMessage[] {
  const { User, Assistant } = writer.classes.LanguageModelChatMessage
  switch (message.role) {
    case 'user':
      return [User(message.content.map((part) => userPart(part, writer)))]
    case 'tool':
      return [User(message.content.map((result) => resultPart(result, writer)))]
    case 'assistant': {
      const own = message.origin.provider === 'vscode' && message.origin.dialect === 'vscode'
      const parts = answerParts(message, own, writer.classes)
      return parts.length === 0 ? [] : [Assistant(parts)]
    }
  }
}

function userPart(part: Part, { classes, sees }: Writer): UserPart {
  if (part.type === 'text') return new classes.LanguageModelTextPart(part.text)
  const image = sees ? imagePart(part, classes) : undefined
  return image ?? new classes.LanguageModelTextPart(textOfFile(part) ?? missing(part))
}

/** Only images: vendors pass over data of other types without a word. Nobody fetches addresses. */
function imagePart(file: File, classes: PartClasses): DataPart | undefined {
  const { data, mediaType } = file.media
  if (!data || !isImage(file) || mediaType.includes('*')) return undefined
  return new classes.LanguageModelDataPart(bytesOf(data), mediaType)
}

/** The words of a result as one text, and its images beside them. */
function resultPart({ callId, output, failed }: ToolResult, writer: Writer): UserPart {
  const { classes } = writer
  const files = output.filter((part) => part.type === 'file' && textOfFile(part) === undefined)
  const shown = files.map((file) => userPart(file, writer))
  const said = outputText(output, failed === true)
  const silent = shown.length > 0 && !output.some((part) => !files.includes(part))
  const texts = silent ? [] : [new classes.LanguageModelTextPart(said)]
  return new classes.LanguageModelToolResultPart(callId, [...texts, ...shown])
}
