/** Models and servers that call no tools say so in words of their own, and under many a status. */

// OpenRouter, Ollama, vLLM, llama.cpp, LM Studio and OpenAI, LiteLLM, in this order.
const WORDS = [
  /no endpoints found that support tool use/,
  /does not support (tools|tool use|tool calling|function calling)/,
  /tool choice requires --enable-auto-tool-choice/,
  /tools param requires --jinja/,
  /(tools?|tool use|tool calling|function calling) (is|are) not supported/,
  /does not support parameters: \[?.?(tools|tool_choice)/,
]

/** True for the sentence of a refusal that is about tools as such, not about the schema of one. */
export function refusesTools(sentence: string): boolean {
  const words = sentence.toLowerCase()
  return WORDS.some((pattern) => pattern.test(words))
}
