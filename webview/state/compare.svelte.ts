/** Which models and agents are to answer the next message side by side. Comes with the views of it. */
import type { LaneChoice, ModelRef } from '../../src/shared/protocol.ts'
import { MOST_LANES } from '../../src/shared/protocol.ts'
import type { PanelDoor } from './panel-door.ts'

export class CompareStore {
  lanes: LaneChoice[] = $state.raw([])
  readonly #panel: PanelDoor

  constructor(panel: PanelDoor) {
    this.#panel = panel
  }

  /** True where the next message goes to several. */
  get ready(): boolean {
    return this.lanes.length > 1
  }

  get open(): boolean {
    return this.lanes.length > 0
  }

  get full(): boolean {
    return this.lanes.length >= MOST_LANES
  }

  /** Begins with the model that would answer, and asks for the next. */
  begin(): void {
    const chosen = this.#panel.conversation.view?.chosen
    if (!this.open && chosen && chosen.key !== 'barred')
      this.lanes = [{ provider: chosen.provider, model: chosen.model }]
    this.pick()
  }

  /** Asks for one more in the picker. */
  pick(): void {
    if (this.full) return
    const { models } = this.#panel
    models.instead = { title: 'Compare with', choose: (model) => this.add(model) }
    this.#panel.overlay = 'models'
  }

  add(lane: LaneChoice): void {
    const known = this.lanes.some((one) => keyOf(one) === keyOf(lane))
    if (!known && !this.full) this.lanes = [...this.lanes, lane]
  }

  remove(lane: LaneChoice): void {
    this.lanes = this.lanes.filter((one) => one !== lane)
  }

  clear(): void {
    this.lanes = []
  }

  /** What a lane is called. */
  name(lane: LaneChoice): string {
    if (isModel(lane)) return this.#panel.namesOf(lane.provider, lane.model).model
    return lane.agent
  }
}

export const isModel = (lane: LaneChoice): lane is ModelRef => 'model' in lane

export function keyOf(lane: LaneChoice): string {
  return isModel(lane) ? `${lane.provider}/${lane.model}` : `agent ${lane.agent}`
}
