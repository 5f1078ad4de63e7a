import type { BaseURLProblem } from '$lib/api';

/** The code of a TLS handshake on the plain port. */
export const TLS = 'tls_on_plain_port';

/** The wrong paths of one client. */
export interface ProblemGroup {
  client: string;
  count: number;
  lastSeenAt: string;
  problems: BaseURLProblem[];
}

/** Groups problems by client, the latest first. */
export function groupProblems(problems: readonly BaseURLProblem[]): ProblemGroup[] {
  const groups = new Map<string, BaseURLProblem[]>();
  for (const problem of problems)
    groups.set(problem.client, [...(groups.get(problem.client) ?? []), problem]);
  return [...groups.entries()]
    .map(([client, list]) => ({
      client,
      count: list.reduce((sum, problem) => sum + problem.count, 0),
      lastSeenAt: list.reduce((last, { last_seen_at }) => (last_seen_at > last ? last_seen_at : last), ''),
      problems: list,
    }))
    .sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
}

/** What was asked for; of a TLS handshake on the plain port only the scheme is known. */
export const pathOf = (problem: Pick<BaseURLProblem, 'code' | 'path'>): string =>
  problem.code === TLS ? 'https://' : problem.path;
