/**
 * Makes nodes that are on the screen equal to fresh ones with as few changes as possible, so that a growing paragraph
 * costs one `appendData` and keeps a selection that stands in it.
 */

/** The person's own changes of a block, which no fresh copy has. */
const KEPT = new Set(['data-wrap', 'data-lit'])

/** Makes what follows `after` in `parent` (all of it where `after` is null) equal to `fresh`. */
export function morph(parent: Node, after: Node | null, fresh: readonly ChildNode[]): void {
  let old = after ? after.nextSibling : parent.firstChild
  for (const node of fresh) {
    if (!old) {
      parent.appendChild(node)
      continue
    }
    const next: ChildNode | null = old.nextSibling
    if (!patch(old, node)) old.replaceWith(node)
    old = next
  }
  while (old) {
    const next: ChildNode | null = old.nextSibling
    old.remove()
    old = next
  }
}

function patch(old: ChildNode, fresh: ChildNode): boolean {
  if (old instanceof Text && fresh instanceof Text) {
    setText(old, fresh.data)
    return true
  }
  if (!(old instanceof Element) || !(fresh instanceof Element) || old.tagName !== fresh.tagName) return false
  patchAttributes(old, fresh)
  // Highlighting changed the inside, not the text.
  if (old.hasAttribute('data-lit')) {
    if (old.textContent === fresh.textContent) return true
    old.removeAttribute('data-lit')
  }
  morph(old, null, [...fresh.childNodes])
  return true
}

export function setText(node: Text, text: string): void {
  const old = node.data
  if (old === text) return
  if (text.startsWith(old)) node.appendData(text.slice(old.length))
  else node.data = text
}

function patchAttributes(old: Element, fresh: Element): void {
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
  if (old.attributes.length === fresh.attributes.length) return
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !KEPT.has(name)) old.removeAttribute(name)
  }
}
