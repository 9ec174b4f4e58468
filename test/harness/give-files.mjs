/* global DataTransfer, File, DragEvent, ClipboardEvent, atob */
/** Pastes or drops files on an element. Runs in the page: it can use nothing from around it. */
export function giveFiles(node, { how, files, uris }) {
  const data = new DataTransfer()
  for (const { name, type, base64 } of files) {
    data.items.add(new File([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], name, { type }))
  }
  if (uris.length > 0) data.setData('application/vnd.code.uri-list', uris.join('\r\n'))
  const options = { bubbles: true, cancelable: true }
  node.dispatchEvent(
    how === 'drop'
      ? new DragEvent('drop', { ...options, dataTransfer: data })
      : new ClipboardEvent('paste', { ...options, clipboardData: data }),
  )
}
