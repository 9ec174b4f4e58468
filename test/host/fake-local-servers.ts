/** What the servers that people run on their own machine answer to the questions we ask them, and ways to be none. */
import type { Handler, Script } from '../harness/scripted-server.ts'

/** Answers each path with its JSON; any other path is not found. */
export const answering =
  (answers: Record<string, unknown>, status = 404): Handler =>
  (script) => {
    const { url } = script.request
    if (url in answers) script.json(200, answers[url])
    else script.json(status, { error: `no ${url} here` })
  }

const list = (models: object[]): object => ({ object: 'list', data: models })
const names = ['one', 'two', 'three']
const owned = (owner: string, count: number): object =>
  list(names.slice(0, count).map((id) => ({ id, object: 'model', created: 1, owned_by: owner })))

export const ollama = (count = 3): Handler =>
  answering({
    '/api/version': { version: '0.30.1' },
    '/api/tags': { models: names.slice(0, count).map((name) => ({ name, model: name, size: 1 })) },
  })

/** Newer ones answer a path they do not know with 200 and an error. */
export const lmStudio = (count = 2, embeddings = 1): Handler => {
  const types = [...Array<string>(count).fill('llm'), ...Array<string>(embeddings).fill('embeddings')]
  const models = types.map((type, index) => ({ id: `model-${index}`, object: 'model', type, state: 'not-loaded' }))
  return answering({ '/api/v0/models': list(models), '/v1/models': owned('organization_owner', count) })
}

export const llamaCpp = (count = 1): Handler =>
  answering({
    '/v1/models': owned('llamacpp', count),
    '/props': { build_info: 'b9222', default_generation_settings: { n_ctx: 4096 } },
  })

export const vllm = (count = 1): Handler =>
  answering({ '/v1/models': owned('vllm', count), '/version': { version: '0.20.0' } })

export const jan = (count = 1): Handler =>
  answering({
    '/openapi.json': { openapi: '3.0.0', info: { title: 'Jan API Server Endpoints' } },
    '/v1/models': owned('user', count),
  })

/** Some other server in OpenAI's format. */
export const somebodyElse: Handler = answering({
  '/v1/models': owned('somebody', 2),
  '/openapi.json': { info: { title: 'Janus' } },
})

/** Says nothing more once the path was asked for, until the client is gone. */
export const silent: Handler = (script) => script.silence()

/** Sends headers, and then nothing. */
export const stuck: Handler = (script) => {
  script.head(200, { 'content-type': 'application/json' })
  return script.silence()
}

export const dropping: Handler = (script) => script.drop()

/** The right answer, sent on from another address. */
export const redirecting =
  (target: string): Handler =>
  (script) => {
    script.head(307, { location: `${target}${script.request.url}` })
    script.end()
  }

/** The right answer after far too much of nothing. */
export const tooLong =
  (handler: Handler, bytes: number): Handler =>
  async (script) => {
    const padding: Pick<Script, 'json' | 'request'> = {
      request: script.request,
      json: (status, body) => {
        script.head(status, { 'content-type': 'application/json' })
        void script.send(' '.repeat(bytes) + JSON.stringify(body)).then(() => script.end())
      },
    }
    await handler(padding as Script)
  }

export const garbage = (body: string, status = 200): Handler => {
  return async (script) => {
    script.head(status, { 'content-type': 'application/json' })
    await script.send(body)
    script.end()
  }
}
