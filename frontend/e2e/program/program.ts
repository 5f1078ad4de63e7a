import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BINARY =
  process.env['AGT_BIN'] ??
  fileURLToPath(new URL('../../../build/bin/antigravity-tools-server', import.meta.url));
export const built = existsSync(BINARY);

const START_MS = 20_000;
const STOP_MS = 10_000;

/** The headless program on a fresh data folder: its address and its password. */
export interface Program {
  url: string;
  password: string;
  /** The home directory that it sees, whose clients it sets up. */
  home: string;
  stop: () => Promise<void>;
}

/**
 * A port below those that the system gives to listeners on port 0 and to outgoing connections: one
 * of its own could become a connection's before the program has taken it.
 */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = randomInt(20000, 32000);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on('error', () => {
      resolve(false);
    });
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}

export async function startProgram(): Promise<Program> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'agt-e2e-'));
  const child = spawn(BINARY, ['serve', '--demo', '--port', String(port), '--data-dir', dir], {
    env: { PATH: process.env['PATH'], HOME: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = `http://127.0.0.1:${String(port)}`;
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const password = await printedPassword(child);
    await healthy(url);
    return { url, password, home: dir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function printedPassword(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      reject(new Error(`no password within ${String(START_MS)} ms:\n${output}`));
    }, START_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /password of the web console: (\S+)/.exec(output)?.[1];
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the program ended with ${String(code)}:\n${output}`));
    });
  });
}

async function healthy(url: string): Promise<void> {
  const until = Date.now() + START_MS;
  for (;;) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > until) throw new Error('the program does not become healthy');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}
