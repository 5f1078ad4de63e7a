export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const STORED = 'agt.theme';
const isTheme = (value: string): value is Theme => (THEMES as readonly string[]).includes(value);

class ThemeState {
  choice = $state<Theme>(read());

  /** Applies a choice and remembers it for the first paint of the next start. */
  apply(value: string): void {
    this.choice = isTheme(value) ? value : 'system';
    try {
      localStorage.setItem(STORED, this.choice);
    } catch {
      // A closed storage costs one flash at the next start, nothing else.
    }
    this.#paint();
  }

  /** Follows the system's theme while the choice is `system`. */
  listen(): () => void {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => {
      this.#paint();
    };
    query.addEventListener('change', follow);
    return () => {
      query.removeEventListener('change', follow);
    };
  }

  #paint(): void {
    const dark =
      this.choice === 'dark' ||
      (this.choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }
}

function read(): Theme {
  try {
    const value = localStorage.getItem(STORED) ?? 'system';
    return isTheme(value) ? value : 'system';
  } catch {
    return 'system';
  }
}

export const theme = new ThemeState();
