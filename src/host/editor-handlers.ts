/** What a page asks of the editor, and tells the window. */
import type { Handlers } from './handler.ts'

export const editorHandlers: Pick<
  Handlers,
  'insert' | 'copy' | 'link' | 'action' | 'dismiss' | 'focused' | 'reload' | 'report'
> = {
  async insert(session, { text }) {
    await session.services.desk.insert(text)
    return {}
  },

  async copy(session, { text }) {
    await session.services.desk.copy(text)
    return {}
  },

  async link(session, { href }) {
    await session.services.desk.openLink(href)
    return {}
  },

  async action(session, { action, provider }) {
    await session.services.desk.act(action, provider)
    return {}
  },

  async dismiss(session, { notice }) {
    session.services.notices.dismiss(notice)
    return {}
  },

  async focused(session, { focused }) {
    session.focused = focused
    return {}
  },

  // Done where the page stands, before anything of it comes here.
  async reload() {
    return {}
  },

  async report(session, { problem }) {
    session.services.log.from('panel').error(`panel: ${problem.slice(0, 2000)}`)
    return {}
  },
}
