/** The text of an answer, by the charset that it or its server names. */

/** Where a page may say so: its beginning. Bytes. */
const PROLOGUE = 2048

export function decoded(body: Buffer, contentType: string): string {
  const marked = markOf(body)
  const named = marked ?? /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType)?.[1] ?? declaredIn(body)
  return new TextDecoder(known(named)).decode(body)
}

function markOf(body: Buffer): string | undefined {
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be'
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le'
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 'utf-8' : undefined
}

/** A page that says UTF-16 of itself in letters of one byte is wrong. */
function declaredIn(body: Buffer): string | undefined {
  const start = body.subarray(0, PROLOGUE).toString('latin1')
  const named =
    /<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(start) ?? /<\?xml[^>]+encoding=["']([\w.:-]+)/i.exec(start)
  return /^utf-?16/i.test(named?.[1] ?? '') ? 'utf-8' : named?.[1]
}

function known(label: string | undefined): string {
  try {
    return new TextDecoder(label ?? 'utf-8').encoding
  } catch {
    return 'utf-8'
  }
}
