/** One request of a page, from the wire to its handler and back. */
import type { ToHost } from '../shared/protocol.ts'
import { handlers } from './handlers.ts'
import { describe } from './log.ts'
import type { Port, Session } from './session.ts'

/** Answers a request; an error of the handler is the page's to show. Never rejects. */
export async function receive(session: Session, port: Port, message: ToHost): Promise<void> {
  try {
    const handle = handlers[message.name] as (session: Session, body: unknown) => Promise<unknown>
    port.post({ type: 'response', id: message.id, body: await handle(session, message.body) })
  } catch (error) {
    session.services.log.from('panel').error(`${message.name}: ${describe(error)}`)
    port.post({ type: 'error', id: message.id, message: error instanceof Error ? error.message : String(error) })
  }
}
