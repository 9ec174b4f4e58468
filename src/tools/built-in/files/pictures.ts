/** The pictures that models see, known by their first bytes; a name proves nothing. */
const SIGNATURES: [mediaType: string, pattern: RegExp][] = [
  ['image/png', /^89504e470d0a1a0a/],
  ['image/jpeg', /^ffd8ff/],
  ['image/gif', /^474946383[79]61/],
  ['image/webp', /^52494646.{8}57454250/],
]

export function pictureType(content: Uint8Array): string | undefined {
  const first = Buffer.from(content.subarray(0, 12)).toString('hex')
  return SIGNATURES.find(([, pattern]) => pattern.test(first))?.[0]
}
