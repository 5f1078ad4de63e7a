export type DiffOp = ' ' | '-' | '+';

/** One line of a diff; `number` counts in the new text, for removed lines in the old one. */
export interface DiffLine {
  op: DiffOp;
  number: number;
  text: string;
  /** The file ends here without a line end. */
  open: boolean;
}

export interface Diff {
  hunks: DiffLine[][];
  added: number;
  removed: number;
}

const HEAD = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads a unified diff; lines that are none of it are left out. */
export function parseDiff(text: string): Diff {
  const diff: Diff = { hunks: [], added: 0, removed: 0 };
  let hunk: DiffLine[] | undefined;
  let old = 0;
  let fresh = 0;
  for (const line of text.split('\n')) {
    const head = HEAD.exec(line);
    if (head) {
      hunk = [];
      diff.hunks.push(hunk);
      // An empty side is written as the line before it.
      old = Math.max(1, Number(head[1]));
      fresh = Math.max(1, Number(head[2]));
      continue;
    }
    if (!hunk) continue;
    const op = line.charAt(0);
    const last = hunk.at(-1);
    if (op === '\\' && last) last.open = true;
    if (op !== ' ' && op !== '-' && op !== '+') continue;
    hunk.push({ op, number: op === '-' ? old : fresh, text: line.slice(1), open: false });
    if (op !== '+') old++;
    if (op !== '-') fresh++;
    if (op === '+') diff.added++;
    if (op === '-') diff.removed++;
  }
  return diff;
}
