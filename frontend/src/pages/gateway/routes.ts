import type { Route } from '$lib/api';

const ORDER = ['openai', 'anthropic', 'gemini', 'none'] as const;
export type RouteGroup = (typeof ORDER)[number];

/** Routes by the base URL they hang on; chat and Responses share OpenAI's. */
export function groupRoutes(routes: readonly Route[]): { protocol: RouteGroup; routes: Route[] }[] {
  const groupOf = ({ protocol }: Route): RouteGroup => {
    if (protocol === 'responses' || protocol === 'chat') return 'openai';
    return ORDER.find((name) => name === protocol) ?? 'none';
  };
  return ORDER.map((protocol) => ({
    protocol,
    routes: routes.filter((route) => groupOf(route) === protocol),
  })).filter((group) => group.routes.length > 0);
}
