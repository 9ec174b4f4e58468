/** Makes an image that a provider would refuse smaller, or one of a kind that providers take. */

export type Fitted = { blob: Blob; note: string }

/** Pixels. Models see no more of an image: Anthropic scales to 1,568, and refuses more than 2,000 among many images. */
const LONGEST_SIDE = 2000
/** A PNG larger than this, in bytes, is a photograph, which JPEG does better. */
const LARGE_PNG = 3 * 1024 * 1024
const QUALITY = 0.88

/** Undefined where the browser cannot read it. */
export async function fit(file: Blob): Promise<Fitted | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined)
  if (!bitmap) return undefined
  const { width, height } = bitmap
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height))
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)))
  const context = canvas.getContext('2d')
  if (!context) return undefined
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const photo = file.type === 'image/jpeg' || file.type === 'image/heic'
  const png = photo ? undefined : await canvas.convertToBlob({ type: 'image/png' })
  const blob = png && png.size <= LARGE_PNG ? png : await jpeg(canvas)
  const kind = blob.type === 'image/png' ? 'PNG' : 'JPEG'
  return { blob, note: scale < 1 ? `Scaled to ${canvas.width} × ${canvas.height}` : `Converted to ${kind}` }
}

/** JPEG has no transparency: what would be black becomes white. */
function jpeg(canvas: OffscreenCanvas): Promise<Blob> {
  const context = canvas.getContext('2d')!
  context.globalCompositeOperation = 'destination-over'
  context.fillStyle = 'white'
  context.fillRect(0, 0, canvas.width, canvas.height)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
}
