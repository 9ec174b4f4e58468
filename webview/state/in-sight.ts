/** Where a list stands. */

/** What of a list is seen, in pixels. An element that scrolls is one. */
export type Sight = { readonly scrollTop: number; readonly clientHeight: number }

/** How far a list has to be scrolled so that what lies between `top` and `bottom` (pixels) is seen, moved as little as can be. */
export function scrolledInto(top: number, bottom: number, { scrollTop, clientHeight }: Sight): number {
  if (top < scrollTop) return top
  return bottom > scrollTop + clientHeight ? bottom - clientHeight : scrollTop
}
