/** The only file of this folder that needs VS Code at run time. */
import * as vscode from 'vscode'
import type { VscodeModels } from './offer.ts'
import { offer } from './offer.ts'

export type { VscodeModels } from './offer.ts'

/** To be made once, at activation; asks VS Code for nothing until it is asked itself. */
export function vscodeModels(): VscodeModels {
  return offer(vscode)
}
