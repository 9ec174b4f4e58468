/** Exports and imports, as a panel asks for them. */
import type { Handlers } from './handler.ts'

export const transferHandlers: Pick<Handlers, 'transfer'> = {
  async transfer(session, { what }) {
    // The dialogs may stand open for long, and say what goes wrong by themselves.
    void session.services.desk.transfer(what, session.conversation)
    return {}
  },
}
