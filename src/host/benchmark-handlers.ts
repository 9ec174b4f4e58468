/** Comparing models, as the page asks for it. */
import type { BenchmarkRequests } from '../shared/protocol.ts'
import type { Handlers } from './handler.ts'

export const benchmarkHandlers: Pick<Handlers, keyof BenchmarkRequests> = {
  async benchmark(session) {
    return (await session.services.benchmark.open()).view()
  },

  async 'benchmark-estimate'(session, plan) {
    return (await session.services.benchmark.open()).estimate(plan)
  },

  async 'benchmark-start'(session, plan) {
    return { started: await (await session.services.benchmark.open()).start(plan) }
  },

  async 'benchmark-stop'(session) {
    ;(await session.services.benchmark.open()).stop()
    return {}
  },

  async 'benchmark-decide'(session, { callId, decision }) {
    ;(await session.services.benchmark.open()).decide(callId, decision)
    return {}
  },

  async 'benchmark-edit'(session) {
    await (await session.services.benchmark.open()).edit()
    return {}
  },

  async 'benchmark-remove'(session, { run }) {
    ;(await session.services.benchmark.open()).remove(run)
    return {}
  },

  async 'benchmark-results'(session, { run }) {
    return (await session.services.benchmark.open()).results(run)
  },
}
