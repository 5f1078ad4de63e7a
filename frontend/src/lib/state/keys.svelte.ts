export type Keymap = Readonly<Record<string, () => void>>;

const CHORD_MS = 1000;
const layers: Keymap[] = [];
let prefix = '';
let prefixAt = 0;

/** "mod+shift+s", "?", "Escape": the name under which a key stands in a keymap. */
export function keyName(event: KeyboardEvent): string {
  const mod = event.metaKey || event.ctrlKey;
  if (!mod) return event.key;
  return ['mod', event.shiftKey ? 'shift' : '', event.key.toLowerCase()].filter(Boolean).join('+');
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Adds keys for as long as a component lives; the latest layer that knows a key gets it. */
export function useKeys(keymap: () => Keymap): void {
  $effect(() => {
    const layer = keymap();
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
    };
  });
}

function find(name: string): (() => void) | undefined {
  for (let at = layers.length - 1; at >= 0; at--) {
    const action = layers[at]?.[name];
    if (action) return action;
  }
  return undefined;
}

/** Hands a key to whoever registered it; keys typed into a field stay there, except those with Cmd/Ctrl. */
export function dispatchKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const name = keyName(event);
  const plain = !name.startsWith('mod+');
  if (plain && (isTyping(event.target) || document.querySelector('[role="dialog"][data-state="open"]')))
    return;
  const chord = prefix && event.timeStamp - prefixAt < CHORD_MS ? `${prefix} ${name}` : '';
  prefix = '';
  const action = (chord ? find(chord) : undefined) ?? find(name);
  if (action) {
    event.preventDefault();
    action();
  } else if (plain && name === 'g') {
    prefix = name;
    prefixAt = event.timeStamp;
  }
}
