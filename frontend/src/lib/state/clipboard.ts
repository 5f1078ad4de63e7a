/** Puts text on the clipboard; on plain-http pages of a LAN address the modern interface does not exist. */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Absent outside secure contexts, whatever the type says.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (clipboard) {
      await clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused, such as without focus: the old way may still work.
  }
  return copyBySelection(text);
}

function tryCopy(): boolean {
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  const focused = document.activeElement;
  area.value = text;
  area.setAttribute('readonly', '');
  area.className = 'sr-only';
  // A modal dialog traps focus, so the field has to lie inside it.
  const host = document.querySelector('[role="dialog"][data-state="open"]') ?? document.body;
  host.append(area);
  area.select();
  const done = tryCopy();
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}
