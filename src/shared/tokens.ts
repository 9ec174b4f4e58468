/**
 * A token count without a tokenizer, for live estimates only: about four characters a token in alphabetic scripts and
 * about one a token in Chinese, Japanese and Korean. Counts that decide anything come from the provider.
 */
const WIDE = /[\u3000-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/g

export function estimateTokens(text: string): number {
  const wide = text.match(WIDE)?.length ?? 0
  return Math.ceil((text.length - wide) / 4 + wide)
}
