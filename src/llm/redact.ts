/** Takes keys out of text that a provider or a library wrote, before anyone sees or stores it. */

const LONGEST = 500

/**
 * What looks like a key whoever issued it: prefixed keys, bearer tokens, header and query values that carry one. What stands
 * before a token and stays is the first group. None of them looks back or far ahead, so that no text takes longer than its length.
 */
const LOOKS_LIKE_A_KEY = [
  /()\b(?:(?:sk|pk|rk|gsk|xai|pplx|hf)[-_]|key[-_](?=[A-Za-z*_-]{0,60}\d))[A-Za-z0-9*_-]{6,}/g,
  // The user name and password of an address.
  /(\/\/)[^\s/?#"'<>]+(?=@)/g,
  /()\bAIza[0-9A-Za-z_-]{20,}/g,
  /(\b(?:bearer\s+)+)[^\s"',;]+/gi,
  /(\bauthorization["']?\s*[:=]\s*["']?(?:basic|token)\s+)[^\s"',;]+/gi,
  /(\b(?:(?:x-api-key|api-key|api_key|apikey|authorization|x-goog-api-key)["']?\s*[:=]\s*["']?)+)(?!bearer\b)[^\s"',;&]+/gi,
]

/** Shorter values of a header (a version, a flag) are in the middle of ordinary words. */
const SHORTEST_KEY = 4
const SHORTEST_HEADER = 6
/** A provider, a team: it says nothing, and without it nobody could read what happened. */
const PLAIN_WORD = /^[a-z]{1,12}$/i
const OF_A_KEY = /key|token|secret|auth|pass|cookie|credential|sign/i

/**
 * What no text may repeat of a connection, the longest first: one may be the beginning of another. Every header that is
 * long enough counts, whatever its name, but for a plain word; and a token also without the word before it.
 */
export function secretsOf(apiKey: string | undefined, headers: Readonly<Record<string, string>> = {}): string[] {
  const values = Object.entries(headers)
    .filter(([name, value]) => !PLAIN_WORD.test(value) || OF_A_KEY.test(name))
    .flatMap(([, value]) => [value, tokenOf(value) ?? ''])
  return [
    ...[apiKey ?? ''].filter(({ length }) => length >= SHORTEST_KEY),
    ...values.filter(({ length }) => length >= SHORTEST_HEADER),
  ].sort((one, other) => other.length - one.length)
}

/** The token of a header that begins with its scheme. */
const tokenOf = (value: string): string | undefined =>
  /^(?:bearer|basic|token|api-?key|key)\s+(\S+)\s*$/i.exec(value)?.[1]

/** `text` without anything that looks like a key and without any of `secrets`, cut to about 500 characters. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const clean = secrets.reduce(withoutBeginnings, withoutKeys(text, secrets))
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST).toWellFormed()}…` : clean
}

/** `text` as long as it is, without anything that looks like a key and without any of `secrets`, also as JSON or a URL writes them. */
export function withoutKeys(text: string, secrets: readonly string[] = []): string {
  let clean = text
  for (const secret of secrets) {
    if (secret.length === 0) continue
    clean = clean.replaceAll(secret, '[redacted]')
    const written = otherwise(secret)
    if (written) clean = clean.replace(written, '[redacted]')
  }
  for (const pattern of LOOKS_LIKE_A_KEY) clean = clean.replace(pattern, '$1[redacted]')
  return clean
}

/** How else a secret may be written: escaped once or twice in JSON, or encoded for a URL. Undefined where there is no other way. */
function otherwise(secret: string): RegExp | undefined {
  if (/^[\w.~-]*$/.test(secret)) return undefined
  const each = (letter: string): string => {
    if (/[A-Za-z0-9]/.test(letter)) return letter
    const encoded = encodeURIComponent(letter.toWellFormed())
    const asUrl = letter === ' ' ? '\\+|%(?:25)?20' : encoded === letter ? '' : encoded.replaceAll('%', '%(?:25)?')
    return `(?:\\\\{0,3}${letter.replace(/[^\w\s]/u, '\\$&')}${asUrl && `|${asUrl}`})`
  }
  return new RegExp([...secret].map(each).join(''), 'gi')
}

/** The shortest beginning of a secret that tells anything of it. */
const TELLING = 6
/** What stands where a text leaves something out. */
const CUT = /^(?:\.\.|…|\*|•|\[|<)/

/** Whoever wrote a text may have cut it in the middle of a secret, or the secret in the middle of it. */
function withoutBeginnings(text: string, secret: string): string {
  const beginning = secret.slice(0, TELLING)
  if (secret.length <= TELLING) return text
  let clean = ''
  let from = 0
  for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, at + 1)) {
    let end = at + TELLING
    while (end < text.length && end - at < secret.length && text[end] === secret[end - at]) end++
    if (at < from || (end < text.length && !CUT.test(text.slice(end, end + 2)))) continue
    clean += `${text.slice(from, at)}[redacted]`
    from = end
  }
  return clean + text.slice(from)
}
