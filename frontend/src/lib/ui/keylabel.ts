const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const NAMES: Readonly<Record<string, string>> = {
  mod: mac ? '⌘' : 'Ctrl',
  shift: mac ? '⇧' : 'Shift',
  Enter: '↵',
  enter: '↵',
  Escape: 'Esc',
};

/** The caps of a key combination as people read them: "mod+shift+s" → Ctrl, Shift, S. */
export function keyLabels(keys: string): string[] {
  return keys
    .split(/[ +]/)
    .filter(Boolean)
    .map((key) => NAMES[key] ?? key.toUpperCase());
}
