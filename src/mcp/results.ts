/** What a tool, a resource or a prompt of a server gives, as parts of our model, within limits. */
import type { Json, JsonObject } from '../shared/json.ts'
import { isObject } from '../shared/json.ts'
import type { Part } from '../shared/message.ts'
import { linkLine } from '../shared/resource-link.ts'
import { clean, cutAt, oneLine } from './text.ts'

export type ResultLimits = {
  /** UTF-16 units of all text of one result. */
  text: number
  /** Bytes of all files of one result, before base64. */
  files: number
}

export const resultLimits: ResultLimits = { text: 100_000, files: 10 * 1024 * 1024 }

/** Blocks of one result; what is more is told of in words. */
const MOST_BLOCKS = 200

/** Media types that go as files; other binary data is told of in words. */
const FILES = /^(image\/(png|jpeg|gif|webp)|audio\/[\w.+-]+|application\/pdf)$/

/** Parts of a `tools/call` result. Never throws, whatever the server sent. */
export function partsOfResult(result: JsonObject, limits = resultLimits): Part[] {
  const content = Array.isArray(result.content) ? result.content : []
  const parts = partsOfContent(content, limits)
  if (content.length > 0 || result.structuredContent === undefined) return parts
  return partsOfContent([{ type: 'text', text: spelled(result.structuredContent) }], limits)
}

/** Parts of a list of content blocks. What is over a limit is cut, and a note says so. */
export function partsOfContent(content: readonly Json[], limits = resultLimits): Part[] {
  const budget = { ...limits }
  const parts = content.slice(0, MOST_BLOCKS).flatMap((block) => fit(partOf(block), budget, limits))
  const left = content.length - MOST_BLOCKS
  return left > 0 ? [...parts, text(`[Left out: ${left} more pieces of this result.]`)] : parts
}

/** The parts of one `resources/read` answer. */
export function partsOfResource(result: JsonObject, limits = resultLimits): Part[] {
  const contents = Array.isArray(result.contents) ? result.contents : []
  return partsOfContent(
    contents.map((resource) => ({ type: 'resource', resource })),
    limits,
  )
}

function partOf(block: Json): Part {
  if (!isObject(block)) return text('[A piece of this answer was no content block.]')
  switch (block.type) {
    case 'text':
      return text(typeof block.text === 'string' ? block.text : '[A text block without text.]')
    case 'image':
    case 'audio':
      return file(block.data, block.mimeType, block.type)
    case 'resource':
      return isObject(block.resource) ? ofResource(block.resource) : text('[A resource without content.]')
    case 'resource_link':
      return text(linkText(block))
    default:
      return text(`[A block of the kind ${oneLine(String(block.type), 40)}, which Panelist does not know.]`)
  }
}

function ofResource(resource: JsonObject): Part {
  const uri = oneLine(String(resource.uri ?? ''), 500)
  if (typeof resource.text === 'string') return text(uri ? `Resource ${uri}:\n${resource.text}` : resource.text)
  return file(resource.blob, resource.mimeType, `resource ${uri}`, uri.split('/').at(-1))
}

/** A link is words: nothing follows it by itself, neither the page nor a provider. */
function linkText(link: JsonObject): string {
  const about = [link.title ?? link.name, link.mimeType, link.description].filter((each) => typeof each === 'string')
  return linkLine({
    uri: oneLine(String(link.uri ?? ''), 2000),
    ...(about.length > 0 && { about: oneLine(about.join(', '), 500) }),
  })
}

function file(data: Json | undefined, mimeType: Json | undefined, what: string, name?: string): Part {
  const mediaType = typeof mimeType === 'string' ? mimeType.toLowerCase() : 'application/octet-stream'
  if (typeof data !== 'string' || !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data)) {
    return text(`[The ${what} is not valid base64 and was left out.]`)
  }
  if (!FILES.test(mediaType)) {
    return text(`[The ${what} holds ${bytesOf(data)} bytes of ${oneLine(mediaType, 80)}, which cannot be shown.]`)
  }
  return { type: 'file', media: { mediaType, data: data.replace(/\s/g, '') }, ...(name ? { name } : {}) }
}

function fit(part: Part, budget: ResultLimits, limits: ResultLimits): Part[] {
  if (part.type === 'text') {
    const whole = part.text
    if (whole.length <= budget.text) {
      budget.text -= whole.length
      return [text(clean(whole))]
    }
    const left = budget.text
    budget.text = 0
    const more = `the server sent ${whole.length} characters here, and ${limits.text} is the most of one result`
    return [text(`${clean(cutAt(whole, left))}\n[Cut: ${more}. Ask for less at a time to see the rest.]`)]
  }
  const size = part.media.data === undefined ? 0 : bytesOf(part.media.data)
  if (size > budget.files) {
    return [text(`[Left out: a file of ${size} bytes. Files of one result may have ${limits.files} bytes together.]`)]
  }
  budget.files -= size
  return [part]
}

const text = (words: string): Part => ({ type: 'text', text: words })

/** What is nested too deep cannot be spelled. */
function spelled(value: Json): string {
  try {
    return JSON.stringify(value, null, 2)
  } catch {
    return '[The result is nested too deep to be shown.]'
  }
}

function bytesOf(base64: string): number {
  return Math.floor((base64.length * 3) / 4)
}
