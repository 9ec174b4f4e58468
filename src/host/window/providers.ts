/** The providers of a window: their keys, whether they are there, how they are reached, their models, their page. */
import type * as vscode from 'vscode'
import type { ProviderInfo } from '../../llm/types.ts'
import type { Failure } from '../../shared/failure.ts'
import type { Store } from '../../store/store.ts'
import { Connections } from '../connections.ts'
import { look } from '../discovery/here.ts'
import type { Came } from '../exchange.ts'
import type { FirstRunParts } from '../first-run.ts'
import { Keys } from '../keys.ts'
import type { LiveLog } from '../live-log.ts'
import { Models } from '../models.ts'
import { Present } from '../presence.ts'
import { editorBoxes } from '../provider-page/editor-boxes.ts'
import { ProviderPage } from '../provider-page/page.ts'
import { Forbidden } from '../resilience/forbidden.ts'
import type { Settings } from '../settings.ts'
import { changeProviders } from '../settings/write.ts'
import { vscodeModels } from '../vscode-models/index.ts'

export type ProvidersWindow = {
  context: Pick<vscode.ExtensionContext, 'secrets' | 'globalState'>
  log: LiveLog
  settings: () => Settings
  store: () => Store
  /** What a panel shows of them is something else now. */
  changed(): void
}

export type WindowProviders = {
  keys: Keys
  connections: Connections
  present: Present
  models: Models
  page: ProviderPage
  discover: FirstRunParts['discover']
  /** What came of a request to this provider. */
  heard(provider: string, keyProfile: string | undefined, came: Came): void
  keysChanged(provider: ProviderInfo): void
  settingsChanged(): void
  disposable: vscode.Disposable
}

export function windowProviders({ context, log, settings, store, changed }: ProvidersWindow): WindowProviders {
  const keys = new Keys(context.secrets, context.globalState, process.env)
  const editor = vscodeModels()
  const present: Present = new Present({
    connections: () => connections,
    editor,
    changed: (provider) => {
      const info = connections.info(provider)
      models.forget()
      if (info && present.state(provider) === 'running') void models.refresh(info)
      changed()
    },
  })
  const forbidden = new Forbidden(store)
  const connections = new Connections({
    keys,
    settings,
    editor: [editor],
    presence: present,
    forbidden: (conversation) => forbidden.of(conversation),
    log: Object.assign(log.from('request'), { hide: (secret: string) => log.hide(secret) }),
  })
  const models = new Models({
    connections,
    settings,
    store,
    log: log.from('models'),
    changed,
    refused: (provider, keyProfile) => keys.reject(provider, keyProfile),
  })
  const page = new ProviderPage({
    connections,
    keys,
    models,
    settings,
    boxes: editorBoxes,
    log: log.from('models'),
    write: changeProviders,
    changed,
    // Ollama may have come up since it was last looked for.
    worked: () => void present.check(),
  })
  return {
    keys,
    connections,
    present,
    models,
    page,
    discover: () => look(editor),
    heard(provider, keyProfile, came) {
      if (came === 'nothing') return
      const failure = came === 'answered' ? undefined : came
      const ofKey = keyProfile !== undefined && noteOutcome(keys, provider, keyProfile, failure)
      const ofProvider = page.noteOutcome(provider, failure)
      if (ofKey || ofProvider) changed()
      present.heard(provider, failure?.code !== 'network')
    },
    keysChanged(provider) {
      models.forget()
      page.keysChanged(provider.id)
      void models.refresh(provider)
      changed()
    },
    settingsChanged() {
      models.forget()
      present.look()
    },
    disposable: editor,
  }
}

/** True where an answer tells something new of the key it was asked with. */
function noteOutcome(keys: Keys, provider: string, profile: string, failure: Failure | undefined): boolean {
  if (failure) return failure.code === 'auth' && failure.status !== undefined && keys.reject(provider, profile)
  return keys.accept(provider, profile)
}
