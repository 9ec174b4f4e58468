/**
 * What a model takes beside words: which kinds of files, how large and how many. A limit is here only where somebody
 * tells it, the provider's documentation or a measurement, and it stands beside where it comes from; what nobody tells
 * is allowed, and the provider decides. All of it as of November 2026.
 */
import type { ModelInfo, ProviderId } from './model.ts'

/** A file that is to go along. `size`: bytes of the file itself, before base64. */
export type Attached = { name: string; mediaType: string; size: number }

/** Who is to read it. `label`: the provider's name as a person knows it. */
export type AttachmentReader = {
  provider: ProviderId
  label?: string
  model?: Pick<ModelInfo, 'name' | 'images' | 'pdfs' | 'contextWindow'>
}

export type AttachmentLimits = {
  /** Media types, `audio/*` and the like among them. Text of any kind goes as text everywhere, and is not listed. */
  mediaTypes: readonly string[]
  /** Bytes of one image. */
  imageBytes?: number
  /** Images of the whole conversation, because all of it goes with each request. */
  images?: number
  /** The same for models with a context window of 200,000 tokens or less. */
  imagesOfSmall?: number
  /** Bytes of one PDF. */
  pdfBytes?: number
  /** Bytes of all PDFs of the conversation. */
  pdfBytesTogether?: number
  /** Bytes of the whole request, in which files stand as base64: four for three. */
  requestBytes?: number
}

const MB = 1024 * 1024
const SMALL_WINDOW = 200_000

/** Bytes. Our own limit for any file: it goes through the panel and into the database in one piece. */
export const LARGEST_FILE = 50 * MB

const PDF = 'application/pdf'
const IMAGES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif']
/** What goes to servers of which nobody tells more. */
const USUAL: AttachmentLimits = { mediaTypes: [...IMAGES, PDF] }
const IMAGES_ALONE: AttachmentLimits = { mediaTypes: IMAGES }

const LIMITS: Record<string, AttachmentLimits> = {
  /**
   * platform.claude.com, "Vision": 10 MB of base64 an image (refusals count 1,048,576 bytes an MB), 600 images, 100 for
   * models with a window of 200k. "PDF support" and "API overview": 32 MB a request, and no limit for one PDF.
   */
  anthropic: {
    mediaTypes: [...IMAGES, PDF],
    imageBytes: decodedBytes(10 * MB),
    images: 600,
    imagesOfSmall: 100,
    requestBytes: 32 * MB,
  },
  /**
   * developers.openai.com, "Images and vision": 512 MB and 1,500 images a request, none for one image. "File inputs":
   * 50 MB a file, and 50 MB for all files of a request.
   */
  openai: {
    mediaTypes: [...IMAGES, PDF],
    images: 1500,
    pdfBytes: 50 * MB,
    pdfBytesTogether: 50 * MB,
    requestBytes: 512 * MB,
  },
  /**
   * ai.google.dev, "File input methods": 100 MB of inline data a request, 50 MB a PDF. "Image understanding": 3,600
   * images of these types, GIF not among them; "Audio" and "Video understanding".
   */
  google: {
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif', PDF, 'audio/*', 'video/*'],
    images: 3600,
    pdfBytes: 50 * MB,
    requestBytes: 100 * MB,
  },
  /** docs.ollama.com, "Chat": a message holds text and images. No limits are told. */
  ollama: IMAGES_ALONE,
  /** code.visualstudio.com, `LanguageModelDataPart`: images. No limits are told. */
  vscode: IMAGES_ALONE,
}

/**
 * The limits of a provider. OpenRouter ("PDF inputs": for any model, and limits are those of who serves it), LiteLLM and
 * compatible servers tell none.
 */
export function attachmentLimitsOf(provider: ProviderId): AttachmentLimits {
  return Object.hasOwn(LIMITS, provider) ? (LIMITS[provider] ?? USUAL) : USUAL
}

/** Media types a file picker should offer: what the model is known not to see is left out. */
export function acceptedBy({ provider, model }: AttachmentReader): string[] {
  const types = attachmentLimitsOf(provider).mediaTypes.filter(
    (type) => !(type.startsWith('image/') && model?.images === false) && !(type === PDF && model?.pdfs === false),
  )
  return [...types, 'text/*', 'application/json', 'application/xml', 'application/yaml']
}

/** True for what goes to every model as plain text. */
export function isTextMedia(mediaType: string): boolean {
  return /^text\/|[/+](json|xml|x-yaml|yaml|toml|sql|javascript)$/.test(bare(mediaType))
}

/** Why this file cannot go to this reader and what to do, in sentences for a person; undefined where it can. */
export function refusalOf(file: Attached, reader: AttachmentReader): string | undefined {
  const { name, size } = file
  const type = bare(file.mediaType)
  const limits = attachmentLimitsOf(reader.provider)
  const who = reader.label ?? reader.provider
  if (size > LARGEST_FILE) {
    return `${name} is larger than ${inMb(LARGEST_FILE)}, which is the most that Panelist takes. Make it smaller.`
  }
  if (isTextMedia(type)) return undefined
  const image = type.startsWith('image/')
  const kind = image ? 'images' : type === PDF ? 'PDFs' : undefined
  if (kind && (image ? reader.model?.images : reader.model?.pdfs) === false) {
    const verb = image ? 'see images' : 'read PDFs'
    return `${reader.model?.name ?? 'This model'} cannot ${verb}. Choose a model that can, or remove ${name}.`
  }
  if (!covers(limits.mediaTypes, type)) return wrongKind(name, type, who, kind)
  const own = image ? limits.imageBytes : type === PDF ? limits.pdfBytes : undefined
  const most = Math.min(own ?? Infinity, decodedBytes(limits.requestBytes ?? Infinity))
  if (size > most) {
    return (
      `${name} has ${inMb(size, Math.ceil)}, and ${who} takes ${kind ?? 'files'} of ${inMb(most)} at most. ` +
      'Make it smaller, or choose a model of another provider.'
    )
  }
  return undefined
}

/**
 * Why these files cannot go together, and what to do; undefined where they can. `files`: all of the conversation, what
 * was sent before included. `otherBytes`: what else the request holds, roughly.
 */
export function refusalOfAll(files: readonly Attached[], reader: AttachmentReader, otherBytes = 0): string | undefined {
  const limits = attachmentLimitsOf(reader.provider)
  const who = reader.label ?? reader.provider
  const images = files.filter(({ mediaType }) => mediaType.startsWith('image/') && !isTextMedia(mediaType)).length
  const pdfs = sum(files.filter(({ mediaType }) => bare(mediaType) === PDF).map(({ size }) => size))
  const request = sum(files.map(({ size }) => encodedBytes(size))) + otherBytes
  const small = (reader.model?.contextWindow ?? Infinity) <= SMALL_WINDOW
  const most = small ? (limits.imagesOfSmall ?? limits.images) : limits.images
  const help = 'Remove some of them, or start a new chat.'
  if (most !== undefined && images > most) {
    return `This conversation has ${images} images, and ${who} takes ${most} in a request. ${help}`
  }
  if (limits.pdfBytesTogether !== undefined && pdfs > limits.pdfBytesTogether) {
    const room = inMb(limits.pdfBytesTogether)
    return `The PDFs of this conversation have ${inMb(pdfs, Math.ceil)}, and ${who} takes ${room} in a request. ${help}`
  }
  if (limits.requestBytes !== undefined && request > limits.requestBytes && files.length > 0) {
    const [all, room] = [inMb(request, Math.ceil), inMb(limits.requestBytes)]
    return `With its attachments this request has ${all}, and ${who} takes ${room}. ${help}`
  }
  return undefined
}

function wrongKind(name: string, type: string, who: string, kind: 'images' | 'PDFs' | undefined): string {
  if (kind === 'PDFs') return `${who} takes no PDFs. Choose a model of another provider, or remove ${name}.`
  if (kind === 'images') {
    return `${name} is an image of the type ${type}, which ${who} cannot read. Convert it to PNG or JPEG.`
  }
  return `${name} is of the type ${type || 'unknown'}, which ${who} cannot read. Attach images, PDFs or text instead.`
}

function covers(types: readonly string[], type: string): boolean {
  return types.some((each) => each === type || (each.endsWith('/*') && type.startsWith(each.slice(0, -1))))
}

/** A media type without its parameters. */
function bare(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase()
}

function encodedBytes(size: number): number {
  return Math.ceil(size / 3) * 4
}

function decodedBytes(base64: number): number {
  return Math.floor(base64 / 4) * 3
}

/** Sizes are rounded up and limits down, so that no refusal names the same number twice. */
function inMb(bytes: number, round: (tenths: number) => number = Math.floor): string {
  return `${round((bytes / MB) * 10) / 10} MB`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
