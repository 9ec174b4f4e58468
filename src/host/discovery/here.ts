/** What can be used on this machine as it is, with the limits of a first look. */
import { providers } from '../../llm/index.ts'
import { presets } from '../presets.ts'
import type { VscodeModels } from '../vscode-models/index.ts'
import { discover } from './discover.ts'
import type { Found } from './discover.ts'

const EDITOR_LIMIT = 2_000
const LOOK_LIMIT = 5_000

export function look(editor: VscodeModels): Promise<Found[]> {
  const countModels = async (): Promise<number> =>
    (await editor.create().listModels(AbortSignal.timeout(EDITOR_LIMIT))).length
  const known = { environment: process.env, providers, presets, vscodeModels: countModels }
  return discover(known, AbortSignal.timeout(LOOK_LIMIT))
}
