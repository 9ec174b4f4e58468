/** What the file of prompts begins with. */
import type { JsonObject } from '../../shared/json.ts'

const USUAL: JsonObject = {
  prompts: [
    {
      name: 'Fact',
      prompt: 'What is the capital of Australia? Reply with its name alone.',
      checks: [{ contains: 'Canberra', ignoreCase: true }],
    },
    {
      name: 'Reasoning',
      prompt:
        'A shelf holds 17 boxes with 23 screws each. 48 screws are taken away. How many are left? Reply with the number alone.',
      checks: [{ regex: '^\\D*343\\D*$' }],
    },
    {
      name: 'JSON',
      prompt:
        'Write a JSON object for the book “Moby-Dick”: "title" and "author" as text, "year" as a number, "topics" as a list of three words. Reply with the JSON alone.',
      checks: [
        {
          jsonSchema: {
            type: 'object',
            required: ['title', 'author', 'year', 'topics'],
            properties: {
              title: { type: 'string' },
              author: { type: 'string', pattern: 'Melville' },
              year: { type: 'integer', minimum: 1851, maximum: 1851 },
              topics: { type: 'array', minItems: 3, maxItems: 3, items: { type: 'string' } },
            },
          },
        },
      ],
    },
    {
      name: 'Code',
      prompt:
        'Write a TypeScript function `chunk<T>(items: readonly T[], size: number): T[][]` that throws a RangeError for a size below 1. Reply with one code block.',
      maxOutputTokens: 800,
      checks: [
        { contains: 'RangeError' },
        { judge: 'The function is correct for an empty list, a last chunk that is shorter, and sizes below 1.' },
      ],
    },
    {
      name: 'Long answer',
      prompt: 'Explain in about 300 words how a suspension bridge carries its load.',
      maxOutputTokens: 800,
      checks: [{ judge: 'The explanation is right, clear, and about 300 words long.' }],
    },
  ],
}

export const usualPrompts = (): string => `${JSON.stringify(USUAL, undefined, 2)}\n`
