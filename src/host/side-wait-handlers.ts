/** What a person does about requests beside the answers that wait. */
import type { Handlers } from './handler.ts'

export const sideWaitHandlers: Pick<Handlers, 'side-now' | 'side-stop'> = {
  async 'side-now'(session, { id }) {
    session.services.sideWaits.now(id)
    return {}
  },

  async 'side-stop'(session, { id }) {
    session.services.sideWaits.stop(id)
    return {}
  },
}
