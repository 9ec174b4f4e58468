/** What answers the requests of a page. An error's message is for the person. */
import type { RequestBody, RequestName, ResponseBody } from '../shared/protocol.ts'
import type { Session } from './session.ts'

export type Handlers = {
  [Name in RequestName]: (session: Session, body: RequestBody<Name>) => Promise<ResponseBody<Name>>
}
