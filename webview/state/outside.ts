/** How what lies over the panel is left. */
import type { Overlay, PanelDoor } from './panel-door.ts'

/**
 * Closes `overlay` where a press, or the focus that Tab leads on, is outside it. `inside`: a selector of what lies there,
 * and of the button that opens and closes it.
 */
export function whenOutside(panel: Pick<PanelDoor, 'overlay'>, overlay: Overlay, inside: string) {
  const leave = (target: EventTarget | null): void => {
    if (!target || panel.overlay !== overlay) return
    if (!(target instanceof Element && target.closest(inside))) panel.overlay = 'none'
  }
  return {
    pointerdown: (event: PointerEvent) => leave(event.target),
    focusout: (event: FocusEvent) => leave(event.relatedTarget),
  }
}
