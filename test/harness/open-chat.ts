/** A chat in a VS Code of its own, with fake providers behind it: where most UI tests begin. */
import type { Json } from '../../src/shared/json.ts'
import { Chat } from './chat.ts'
import type { FakeKind, FakeProvider } from './fake-providers.ts'
import { startFakeProvider } from './fake-providers.ts'
import { openWorkbench } from './workbench.ts'
import type { Workbench, WorkbenchOptions } from './workbench.ts'

type Entry = Record<string, Json>
/** What stands behind a provider's id: a kind of fake, with further settings of that provider where it needs some. */
type Behind = FakeKind | ({ kind: FakeKind } & Entry)

export type OpenChatOptions<Id extends string> = WorkbenchOptions & {
  /** By the ids they have in `panelist.providers`. */
  providers: Record<Id, Behind>
  /** What new chats begin with. */
  choice?: { provider: NoInfer<Id>; model: string }
}

export type OpenChat<Id extends string> = {
  workbench: Workbench
  chat: Chat
  fakes: Record<Id, FakeProvider>
  /** What `panelist.providers` holds of these, for tests that change it. */
  entries: Record<Id, Entry>
  close(): Promise<void>
}

/** Starts the fakes, opens VS Code with them and the panel in it, and waits until the chat takes text. */
export async function openChat<Id extends string>(options: OpenChatOptions<Id>): Promise<OpenChat<Id>> {
  const { providers, choice, settings, ...others } = options
  const started = await Promise.all(
    Object.entries<Behind>(providers).map(async ([id, behind]) => {
      const { kind, ...more } = typeof behind === 'string' ? { kind: behind } : behind
      const fake = await startFakeProvider(kind)
      const entry: Entry = { ...fake.setting, ...more }
      return { id, fake, entry }
    }),
  )
  const fakes = Object.fromEntries(started.map(({ id, fake }) => [id, fake])) as Record<Id, FakeProvider>
  const entries = Object.fromEntries(started.map(({ id, entry }) => [id, entry])) as Record<Id, Entry>
  let workbench: Workbench | undefined
  const close = async () => {
    await workbench?.close()
    await Promise.all(started.map(({ fake }) => fake.close()))
  }
  try {
    workbench = await openWorkbench({
      ...others,
      settings: {
        ...(choice && { 'panelist.provider': choice.provider, 'panelist.model': choice.model }),
        'panelist.providers': entries,
        ...settings,
      },
    })
    await workbench.focusPanel()
    return { workbench, chat: await Chat.of(workbench), fakes, entries, close }
  } catch (error) {
    await close()
    throw error
  }
}
