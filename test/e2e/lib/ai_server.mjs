// Kilo Code and opencode take 3 to 12 s of a core to start. Where they are asked often, one process of theirs serves many
// folders, each with settings of its own; what it answers is what its windows and `run` print.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { start } from './process.mjs';
import { bareEnv, scratch } from './world.mjs';

export class AIServer {
  /** `client` tells the program, the name of its settings file, the provider in it, and what stands there. */
  static async start(client) {
    const s = new AIServer();
    s.client = client;
    s.home = await scratch('home');
    s.process = start(client.program, ['serve', '--port', '0'], { env: bareEnv(s.home, client.offline), cwd: s.home });
    for (const deadline = Date.now() + 240_000; !s.url; await wait(100)) {
      if (Date.now() > deadline || s.process.child.exitCode !== null) throw new Error(`no server: ${s.process.stderr()}`);
      s.url = s.process.stdout().match(/listening on (http\S+)/)?.[1];
    }
    return s;
  }

  async #ask(path, directory, body, signal) {
    const res = await fetch(`${this.url}${path}?directory=${encodeURIComponent(directory)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    const text = await res.text();
    if (!res.ok) throw new Error(`${path}: ${res.status} ${text}`);
    return text;
  }

  /** Gathers what the server tells its windows. */
  async #listen(directory, r, signal) {
    const res = await fetch(`${this.url}/event?directory=${encodeURIComponent(directory)}`, { signal });
    const gather = async () => {
      for await (const piece of res.body.pipeThrough(new TextDecoderStream())) r.stdout += piece;
    };
    gather().catch(() => {}); // it ends by the signal
  }

  /** One prompt in a folder of its own, in the form that a run of a program has. `until` ends it as there. */
  async run(prompt, { base, key, model, name, timeoutMS = 120_000, until }) {
    const began = Date.now();
    const directory = join(this.home, name);
    await mkdir(directory);
    await writeFile(
      join(directory, this.client.settings),
      JSON.stringify(this.client.config({ base, key, model, small: model })),
    );
    // A name of its own keeps it from asking the model for one, at a time of its own.
    const { id } = JSON.parse(await this.#ask('/session', directory, { title: name }));
    const r = { code: 1, late: false, stdout: '', stderr: '', text: '' };
    const stopped = new AbortController();
    let over = false;
    await this.#listen(directory, r, stopped.signal);
    const watched = until?.(
      () => over,
      () => r.stdout,
    ).then(() => stopped.abort());
    const timer = setTimeout(() => {
      r.late = true;
      stopped.abort();
    }, timeoutMS);
    try {
      const asked = { model: { providerID: this.client.provider, modelID: model }, parts: [{ type: 'text', text: prompt }] };
      const said = await this.#ask(`/session/${id}/message`, directory, asked, stopped.signal);
      r.stdout += said;
      const { info, parts } = JSON.parse(said);
      if (!info.error) r.code = 0;
      r.text = parts.map((p) => p.text ?? '').join('');
    } catch (e) {
      if (!stopped.signal.aborted) r.stderr = String(e);
    }
    over = true;
    clearTimeout(timer);
    await watched;
    stopped.abort();
    await this.#ask(`/session/${id}/abort`, directory, {});
    return { ...r, ms: Date.now() - began };
  }

  stop() {
    return this.process.stop('SIGTERM', 3000);
  }
}
