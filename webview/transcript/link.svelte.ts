/** The link whose address is being shown. */
export type ShownLink = { href: string; anchor: HTMLElement }

let shown: ShownLink | undefined = $state.raw()

export const shownLink = (): ShownLink | undefined => shown

export function showLink(anchor: HTMLElement): void {
  shown = { href: anchor.dataset['href'] ?? '', anchor }
}

/** Gives the focus back to the link where it had come from there. */
export function hideLink(refocus: boolean): void {
  if (refocus) shown?.anchor.focus()
  shown = undefined
}
