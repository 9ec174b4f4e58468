/** The settings, and what cannot be used of them said to the person. */
import type { Notices } from '../services.ts'
import { readSettings } from '../settings.ts'
import type { Settings } from '../settings.ts'

/** The settings as they are, and what cannot be used of them as notices; those of values that were mended go. */
export function checkedSettings(notices: Notices): Settings {
  const settings = readSettings()
  for (const { id } of notices.all) if (id.startsWith('settings-')) notices.dismiss(id)
  settings.problems.forEach((text, index) =>
    notices.add({ id: `settings-${index}`, level: 'warning', text, action: 'open-settings' }),
  )
  return settings
}
