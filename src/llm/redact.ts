/** Takes keys out of text that a provider or a library wrote, before anyone sees or stores it. */

const LONGEST = 500

/** What looks like a key whoever issued it: prefixed keys, bearer tokens, header and query values that carry one. */
const LOOKS_LIKE_A_KEY = [
  /\b(?:sk|pk|rk|gsk|xai|pplx|hf|key)[-_][A-Za-z0-9*_-]{6,}/g,
  // The user name and password of an address.
  /(?<=\/\/)[^\s/?#"'<>]+(?=@)/g,
  /\bAIza[0-9A-Za-z_-]{20,}/g,
  /(?<=\bbearer\s+)[^\s"',;]+/gi,
  /(?<=\b(?:x-api-key|api-key|api_key|apikey|authorization|x-goog-api-key)["']?\s*[:=]\s*["']?)(?!bearer\b)[^\s"',;&]+/gi,
]

/** `text` without anything that looks like a key and without any of `secrets`, cut to about 500 characters. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const clean = secrets.reduce(withoutEnd, withoutKeys(text, secrets))
  return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean
}

/** `text` as long as it is, without anything that looks like a key and without any of `secrets`. */
export function withoutKeys(text: string, secrets: readonly string[] = []): string {
  let clean = text
  for (const secret of secrets) if (secret.length > 0) clean = clean.replaceAll(secret, '[redacted]')
  for (const pattern of LOOKS_LIKE_A_KEY) clean = clean.replace(pattern, '[redacted]')
  return clean
}

/** The shortest beginning of a secret that tells anything of it. */
const TELLING = 6

/** A text may have been cut in the middle of a secret. */
function withoutEnd(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, text.length); length >= TELLING; length--)
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}[redacted]`
  return text
}
