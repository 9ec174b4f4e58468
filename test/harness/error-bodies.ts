/** Bodies as providers, gateways and what stands before them answer with when something is wrong. `key` stands in each. */
import type { Json } from '../../src/shared/json.ts'

export const PYTHON_STACK =
  'Traceback (most recent call last):\n  File "/app/proxy/server.py", line 4021, in completion\n    raise e\nopenai.RateLimitError: 429'
export const NODE_STACK =
  "TypeError: Cannot read properties of undefined (reading 'choices')\n    at Router.handle (/srv/node_modules/router/index.js:12:34)\n    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)"

export const errorBodies = (key: string): (Json | string)[] => [
  {
    type: 'error',
    error: { type: 'authentication_error', message: `invalid x-api-key ${key}` },
    request_id: 'req_011',
  },
  { type: 'error', error: { type: 'overloaded_error', message: `Overloaded (${key})` } },
  {
    error: {
      message: `Incorrect API key provided: ${key}. You can find your API key in your account.`,
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    },
  },
  { error: { message: `Rate limit reached for ${key}`, type: 'tokens', param: null, code: 'rate_limit_exceeded' } },
  [
    {
      error: {
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'API_KEY_INVALID',
            metadata: { consumer: key },
          },
          { '@type': 'type.googleapis.com/google.rpc.DebugInfo', stackEntries: NODE_STACK.split('\n'), detail: key },
        ],
      },
    },
  ],
  {
    error: { message: JSON.stringify({ error: { code: 503, message: `The model is overloaded. ${key}` } }), code: 503 },
  },
  {
    error: {
      message: 'Provider returned error',
      code: 502,
      metadata: { raw: JSON.stringify({ error: { message: key } }), provider_name: 'X' },
    },
  },
  { error: { message: `litellm.RateLimitError: ${key}\n${PYTHON_STACK}`, type: null, param: null, code: '429' } },
  { error: { message: `Authentication Error, Invalid proxy server token passed. key=${key}`, type: 'auth_error' } },
  { detail: [{ loc: ['body', 'messages', 0], msg: `value is not a valid dict: ${key}`, type: 'type_error.dict' }] },
  { detail: key },
  { error: `model "model-x" not found, try pulling it first ${key}` },
  { error: { stack: NODE_STACK, message: `${NODE_STACK} ${key}` } },
  { message: { nested: [key] } },
  { object: 'error', message: key, code: 40303 },
  `<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1><!-- ${key} --></body></html>`,
  `upstream connect error or disconnect/reset before headers ${key}`,
  `${NODE_STACK}\n${key}`,
  key,
  '',
  '{"error": {"message": "cut off in the mid',
  'null',
  '[]',
]
