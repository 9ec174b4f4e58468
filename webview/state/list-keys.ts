/** The keys that walk a list. */

export type ListPlace = {
  /** The place of the row that the keys start from. */
  at: number
  /** How many rows there are. */
  count: number
  /** How many rows a page moves on. */
  page: number
  /** The arrows go on at the other end. */
  round?: boolean
}

/** The place a key leads to, which may lie before the first row or behind the last; undefined for any other key. */
export function placeAfter(key: string, { at, count, page, round = false }: ListPlace): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return round && at + 1 >= count ? 0 : at + 1
    case 'ArrowUp':
      return round && at === 0 ? count - 1 : at - 1
    case 'PageDown':
      return at + page
    case 'PageUp':
      return at - page
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

/** The same place, or the row at the end beyond which it lies; 0 where there is no row. */
export const withinList = (place: number, count: number): number => Math.max(0, Math.min(count - 1, place))
