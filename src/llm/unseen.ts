/** Models and servers that take no images or no files say so in words of their own, and under many a status. */

// OpenRouter, vLLM, llama.cpp, LM Studio, Groq, DeepSeek, OpenAI and xAI, Google and Ollama, in this order.
const WORDS = [
  /no endpoints found that support (image|file|pdf)/,
  /not a multimodal model|at most 0 (image|file)/,
  /(image|file|pdf)s? inputs? (is|are) not supported|does not support (vision|(image|file|pdf)s? inputs?)/,
  /'content' objects must have a 'type' field that is either/,
  /content'? must be a string/,
  /unknown variant `(image_url|file)`/,
  /(image_url|input_image|input_file|file) is only supported by/,
  /(image|document) input modality is not enabled|missing data required for image input/,
]

/** True for the sentence of a refusal that is about the images or files in a request. */
export function refusesFiles(sentence: string): boolean {
  const words = sentence.toLowerCase()
  return WORDS.some((pattern) => pattern.test(words))
}
