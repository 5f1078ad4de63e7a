// Programs with a deadline. Each runs in a process group of its own, and only that group is ever killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const groups = new Set();

/** Everything that still runs ends with this process, however it ends. */
process.on('exit', () => {
  for (const pid of groups) kill(pid, 'SIGKILL');
});
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1));

function kill(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}

/**
 * Starts a program and collects what it writes.
 * @returns {{child, stdout: () => string, stderr: () => string, done: Promise<{code: number|null, signal: string|null}>, stop: Function}}
 */
export function start(file, args, { env, cwd } = {}) {
  const child = spawn(file, args, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  if (child.pid) groups.add(child.pid);
  const out = [];
  const err = [];
  child.stdout.on('data', (b) => out.push(b));
  child.stderr.on('data', (b) => err.push(b));
  child.stdin.on('error', () => {});
  const done = new Promise((resolve) => {
    child.once('error', (e) => {
      err.push(Buffer.from(`${e}\n`));
      resolve({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => {
      // Helpers that the program left behind go with it.
      kill(child.pid, 'SIGKILL');
      groups.delete(child.pid);
      resolve({ code, signal });
    });
  });
  const stop = async (signal = 'SIGTERM', graceMS = 35_000) => {
    kill(child.pid, signal);
    const timer = setTimeout(() => kill(child.pid, 'SIGKILL'), graceMS);
    const result = await done;
    clearTimeout(timer);
    return result;
  };
  return {
    child,
    stdout: () => Buffer.concat(out).toString(),
    stderr: () => Buffer.concat(err).toString(),
    done,
    stop,
  };
}

/** Runs a program to its end; it is killed after timeoutMS, or once the promise of `until`, given what it wrote, holds. */
export async function run(file, args, { env, cwd, input = '', timeoutMS = 60_000, until } = {}) {
  const began = Date.now();
  const p = start(file, args, { env, cwd });
  p.child.stdin.end(input);
  let late = false;
  let over = false;
  const end = () => {
    kill(p.child.pid, 'SIGKILL');
    // A grandchild in another group may hold the pipes open: do not wait for it.
    p.child.stdout.destroy();
    p.child.stderr.destroy();
  };
  const timer = setTimeout(() => {
    late = true;
    end();
  }, timeoutMS);
  const watched = until?.(() => over, () => p.stdout() + p.stderr()).then(() => over || end());
  const { code, signal } = await p.done;
  over = true;
  clearTimeout(timer);
  await watched;
  return { code, signal, late, stdout: p.stdout(), stderr: p.stderr(), ms: Date.now() - began };
}

/** The first line that a program prints. */
export async function firstLine(p, timeoutMS = 20_000) {
  const deadline = AbortSignal.timeout(timeoutMS);
  while (!p.stdout().includes('\n')) {
    await Promise.race([
      once(p.child.stdout, 'data', { signal: deadline }),
      p.done.then(() => {
        throw new Error(`ended at once: ${p.stderr()}`);
      }),
    ]);
  }
  return p.stdout().split('\n')[0];
}
