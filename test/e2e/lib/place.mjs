// Where a client runs: an empty home, a working directory, a deadline.
import assert from 'node:assert/strict';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mark } from './judgements.mjs';
import { bareEnv, scratch, small } from './world.mjs';

/** A run of a client may take this long on a busy machine; idle ones take 1 to 15 s. */
const runLimit = 120_000;

/** An empty home with a working directory, in which the client runs. */
export async function newPlace(client, gateway, side = small) {
  const home = await scratch('home');
  const dir = join(home, 'work');
  await mkdir(dir);
  return {
    dir,
    async run(prompt, { model, base = client.base(gateway.url), extraEnv, ...more }) {
      return client.run({
        base,
        model,
        key: gateway.key,
        small: side,
        prompt: `${prompt} (${mark})`,
        env: bareEnv(home, extraEnv),
        dir,
        timeoutMS: runLimit,
        ...more,
      });
    },
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

export function succeeded(r) {
  assert.equal(r.late, false, `no end after ${r.ms} ms\n${r.stdout.slice(-2000)}${r.stderr.slice(-2000)}`);
  assert.equal(r.code, 0, `exit code ${r.code}\n${r.stdout.slice(-3000)}${r.stderr.slice(-3000)}`);
}

/** The calls of the tool loop: read a file, run a command, edit the file. */
export function loopCalls(client, file, dir) {
  const [read, edit] = client.edit(file, 'beta', 'gamma');
  return [read, client.shell(`echo ran > '${join(dir, 'ran.txt')}'`), edit];
}

/** What the loop left on disk. */
export async function judgeEffect(file, dir) {
  assert.equal(await readFile(file, 'utf8'), 'alpha\ngamma\n');
  assert.equal(await readFile(join(dir, 'ran.txt'), 'utf8'), 'ran\n');
}
