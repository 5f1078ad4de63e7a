export const PAGES = ['overview', 'accounts', 'gateway', 'traffic', 'settings'] as const;
export type Page = (typeof PAGES)[number];

export interface Location {
  page: Page;
  /** What stands behind the page: the selected id, or a section and what is selected in it. */
  rest: string[];
}

/** "#/gateway/connect/codex" → page and rest; anything unknown leads to the overview. */
export function parseHash(hash: string): Location {
  const [page = '', ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  const known = PAGES.find((candidate) => candidate === page);
  return known ? { page: known, rest: rest.filter((part) => part !== '') } : { page: 'overview', rest: [] };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a page inside the app. */
export function hrefOf(page: Page, ...rest: string[]): string {
  return ['#', page, ...rest.map(encodeURIComponent)].join('/');
}

class Router {
  location = $state.raw<Location>(parseHash(window.location.hash));

  /** Follows the address bar; the returned function stops it. */
  listen(): () => void {
    const follow = (): void => {
      this.location = parseHash(window.location.hash);
    };
    window.addEventListener('hashchange', follow);
    return () => {
      window.removeEventListener('hashchange', follow);
    };
  }

  go(page: Page, ...rest: string[]): void {
    window.location.hash = hrefOf(page, ...rest);
  }

  /** Goes to "accounts/ID" as the Go side writes the target of a fix. */
  goTo(target: string): void {
    window.location.hash = `#/${target}`;
  }
}

export const router = new Router();
