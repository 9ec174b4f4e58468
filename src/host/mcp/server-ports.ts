/** What servers may ask of the window, and what their definitions are filled in with. */
import type { ConfiguredServer } from '../../mcp/configuration/definition.ts'
import type { ResolvePorts } from '../../mcp/configuration/resolve.ts'
import type { McpPorts } from '../../mcp/ports.ts'
import type { Log } from '../log.ts'
import { describe } from '../log.ts'
import type { McpDesk } from './desk.ts'
import { elicit } from './elicitation.ts'
import type { Inputs } from './inputs.ts'
import type { Patience } from './patience.ts'
import type { Questions } from './questions.ts'
import type { SamplingParts } from './sampling.ts'
import { sample } from './sampling.ts'

export type ServerPortsParts = {
  desk: McpDesk
  inputs: Inputs
  questions: Questions
  patience: Patience
  log: Log
  sampling: Omit<SamplingParts, 'boxes' | 'log' | 'questions'>
}

export function serverPorts({ desk, inputs, questions, patience, log, sampling }: ServerPortsParts): McpPorts {
  const ports: McpPorts = {
    roots: () => desk.folders().map(({ uri, name }) => ({ uri, name })),
    onElicit: (request, signal) =>
      patience.use(
        request.server,
        () => questions.calls.aside(request.server, elicit(request, { desk, questions }, signal)),
        ({ action }) => action !== 'accept',
      ),
    onLog: ({ server, level, source, text }) => {
      const line = `mcp ${server} (${source}): ${describe(inputs.redact(text))}`
      // What servers say by the way may be anything, also words of the conversation.
      const quiet = level === 'info' && source !== 'client'
      log[quiet ? 'debug' : level === 'warning' ? 'warn' : level](line)
    },
  }
  // Looked up at each start, and again at each question: servers are told at their start whether they may ask.
  const onSample: McpPorts['onSample'] = (request, signal) => {
    if (desk.sampling() === 'never') return Promise.resolve(undefined)
    const parts = { ...sampling, boxes: desk.boxes, questions, log }
    return patience.use(
      request.server,
      () => sample(request, parts, signal),
      (answer) => answer === undefined,
    )
  }
  return Object.defineProperty(ports, 'onSample', {
    enumerable: true,
    get: () => (desk.sampling() === 'never' ? undefined : onSample),
  })
}

/** Each file is read once, so that what was looked at is what is used. */
export function resolvePorts(server: ConfiguredServer, desk: McpDesk, inputs: Inputs): ResolvePorts {
  const read = new Map<string, Promise<string>>()
  return {
    folders: () => desk.folders(),
    env: (name) => desk.env(name),
    ask: (_, input, signal) => inputs.value(server, input, signal),
    readFile: (file) => {
      const text = read.get(file) ?? desk.readFile(file)
      read.set(file, text)
      return text
    },
  }
}
