/** The money of a window, from what the window has. */
import * as vscode from 'vscode'
import type { Memory } from '../choice.ts'
import type { Answers } from '../answers.ts'
import type { Connections } from '../connections.ts'
import type { Log } from '../log.ts'
import type { Panels } from '../panels.ts'
import type { Notices } from '../services.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../../store/store.ts'
import { WindowMoney } from './index.ts'
import { creditsIn } from './credits-in.ts'

export type MoneyWindow = {
  store: () => Store
  log: Log
  settings: () => Settings
  memory: Memory
  notices: Notices
  answers: () => Pick<Answers, 'running' | 'tell'>
  connections: () => Pick<Connections, 'info'>
  panels: () => Pick<Panels, 'isSeen' | 'showChat'>
}

const SHOW = 'Show Chat'

export function windowMoney({ answers, connections, ...parts }: MoneyWindow): WindowMoney {
  const { store, log, settings, memory, notices, panels } = parts
  return new WindowMoney({
    store,
    log,
    memory,
    notices,
    budgets: () => settings().budgets,
    credits: () => creditsIn(settings().providers),
    nameOf: (provider, model) =>
      model === undefined
        ? connections().info(provider)?.label
        : settings().models.find((entry) => entry.provider === provider && entry.id === model)?.name,
    running: (conversation) => answers().running(conversation) !== undefined,
    changed: (conversation) => answers().tell(conversation, { type: 'changed' }),
    unseen: {
      isSeen: (conversation) => panels().isSeen(conversation),
      tell: async (words) => (await vscode.window.showWarningMessage(words, SHOW)) === SHOW,
      show: (conversation) => void panels().showChat(conversation),
    },
  })
}
