import { describe, expect, it } from 'vitest';
import { parseDiff } from './diff';

const DIFF = `--- a.json
+++ a.json
@@ -2,3 +2,4 @@
 {
-  "a": 1
+  "a": 2,
+  "b": "-x"
 }
@@ -20,1 +21,1 @@
-old
\\ No newline at end of file
+new
\\ No newline at end of file
`;

describe('a unified diff', () => {
  it('is read with line numbers of its own side', () => {
    const { hunks, added, removed } = parseDiff(DIFF);
    expect([added, removed]).toEqual([3, 2]);
    expect(hunks[0]?.map(({ op, number, text }) => `${op}${String(number)} ${text}`)).toEqual([
      ' 2 {',
      '-3   "a": 1',
      '+3   "a": 2,',
      '+4   "b": "-x"',
      ' 5 }',
    ]);
    expect(hunks[1]?.map(({ number, open }) => [number, open])).toEqual([
      [20, true],
      [21, true],
    ]);
  });

  it('of a new file begins with line 1', () => {
    const { hunks } = parseDiff('--- a\n+++ a\n@@ -0,0 +1,2 @@\n+{\n+}\n');
    expect(hunks[0]?.map(({ op, number }) => `${op}${String(number)}`)).toEqual(['+1', '+2']);
  });

  it('keeps the file names at its head apart from changed lines', () => {
    expect(parseDiff('--- a\n+++ a\n').hunks).toEqual([]);
  });
});
