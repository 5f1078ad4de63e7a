// A stand-in for the headless program: the built pages, the RPC verbs and the event stream, on invented state.
// Run alone: node e2e/mock/serve.mjs [--port N] [--first-run]; the password is "mock".
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVerbs } from './verbs.mjs';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
});
// The policy of backend/adminhttp, so that a page that needs more fails here already.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
export const PASSWORD = 'mock';

/** @param {{ port?: number, firstRun?: boolean }} [options] */
export async function startMock({ port = 0, firstRun = false } = {}) {
  /** @type {Set<import('node:http').ServerResponse>} */
  const streams = new Set();
  let seq = 0;
  /** @param {string} topic @param {unknown} data */
  const emit = (topic, data) => {
    seq++;
    for (const stream of streams) stream.write(`data: ${JSON.stringify({ topic, seq, data })}\n\n`);
  };
  const verbs = createVerbs({ firstRun, emit });

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://mock');
    const signedIn = (request.headers.cookie ?? '').includes('mock=1');
    /** @param {number} status @param {unknown} body @param {Record<string, string>} [headers] */
    const json = (status, body, headers = {}) => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    if (url.pathname === '/api/session') {
      if (request.method === 'GET') return json(200, { authenticated: signedIn, version: 'mock' });
      if (request.method === 'DELETE') return json(200, {}, { 'Set-Cookie': 'mock=; Max-Age=0; Path=/' });
      return void read(request).then((body) =>
        body.password === PASSWORD
          ? json(
              200,
              { authenticated: true, version: 'mock' },
              { 'Set-Cookie': 'mock=1; Path=/; HttpOnly; SameSite=Strict' },
            )
          : json(401, {
              code: 'wrong_password',
              message: 'wrong password',
              hint: 'the password was printed at the first `serve`',
            }),
      );
    }
    if (url.pathname.startsWith('/api/') && !signedIn)
      return json(401, { code: 'unauthenticated', message: 'sign in first', hint: '' });
    if (url.pathname === '/api/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
      response.write(`data: ${JSON.stringify({ topic: 'state', seq, data: verbs.call('State', []) })}\n\n`);
      streams.add(response);
      request.on('close', () => streams.delete(response));
      return;
    }
    if (url.pathname.startsWith('/api/rpc/')) {
      return void read(request).then(async (args) => {
        try {
          json(
            200,
            await verbs.call(url.pathname.slice('/api/rpc/'.length), Array.isArray(args) ? args : []),
          );
        } catch (error) {
          json(400, {
            code: error instanceof Error && 'code' in error ? error.code : 'invalid_request',
            message: error instanceof Error ? error.message : 'failed',
            hint: '',
          });
        }
      });
    }
    const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
    const file = join(DIST, path);
    if (!file.startsWith(DIST) || !existsSync(file))
      return json(404, { code: 'unknown_route', message: 'no such page', hint: '' });
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': POLICY,
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => {
      resolve(undefined);
    }),
  );
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    verbs,
    emit,
    /** Ends every event stream, as a restart of the program would. */
    cut: () => {
      for (const stream of streams) stream.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const stream of streams) stream.destroy();
        server.closeAllConnections();
        server.close(() => {
          resolve(undefined);
        });
      }),
  };
}

/** @param {import('node:http').IncomingMessage} request @returns {Promise<any>} */
async function read(request) {
  let raw = '';
  for await (const chunk of request) raw += String(chunk);
  return raw === '' ? null : JSON.parse(raw);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--port');
  const port = at > 0 ? Number(process.argv[at + 1]) : 5099;
  const mock = await startMock({ port, firstRun: process.argv.includes('--first-run') });
  console.log(`${mock.url} (password: ${PASSWORD})`);
}
