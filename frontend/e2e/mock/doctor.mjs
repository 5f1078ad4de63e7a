// The doctor's verbs over invented facts.

/** @param {string} id @param {string} title @param {string} state @param {string} summary @param {Record<string, unknown>} [over] */
const step = (id, title, state, summary, over) => ({
  id,
  title,
  state,
  code: '',
  summary,
  details: /** @type {string[]} */ ([]),
  cure: '',
  duration_ms: 3,
  ...over,
});

const STEPS = [
  step('program', 'Is the program running?', 'ok', 'It runs, process 4711.'),
  step('port', 'Is the port ours?', 'ok', 'Port 8045 is ours.'),
  step('address', 'Does the address answer?', 'ok', '127.0.0.1 and ::1 answer.', {
    details: ['http://127.0.0.1:8045 answers', 'http://[::1]:8045 answers'],
  }),
  step('lan', 'Can other machines reach it?', 'warn', 'One of two addresses does not answer.', {
    details: ['http://10.8.0.3:8045 does not answer'],
    cure: 'Look whether a firewall holds port 8045 on wg0.',
  }),
  step('clients', 'Do clients use the right base URL?', 'warn', 'A wrong base URL was seen.', {
    details: ['Codex asked for POST /responses (3×): enter http://127.0.0.1:8045/v1'],
    cure: 'Enter the base URL that stands behind the client.',
  }),
  step('key', 'Is there a key to enter?', 'ok', '2 keys are let in.'),
  step('accounts', 'Can an account serve?', 'bad', 'No account is ready.', {
    code: 'no_usable_account',
    cure: 'Add an account, or mend the one that was refused.',
  }),
  step('loopback_openai', 'Does loopback answer in OpenAI?', 'ok', 'It answers.', { duration_ms: 12 }),
  step('account_answer', 'Does a real account answer?', 'skipped', 'Not asked: no account is ready.'),
];

/**
 * @param {{ server: { lan: boolean, lan_addresses: { url: string, interface: string }[], port: number } }} model
 * @param {(topic: string, data: unknown) => void} emit
 * @param {(ms: number) => Promise<unknown>} wait
 */
export const doctorVerbs = (model, emit, wait) =>
  /** @type {Record<string, (request: any) => unknown>} */ ({
    DoctorWalk: async ({ id, skip_upstream }) => {
      const steps = skip_upstream ? STEPS.slice(0, -1) : STEPS;
      emit('doctor', { id: 'another', done: 1, total: 1, step: STEPS[0] });
      for (const [index, one] of steps.entries()) {
        await wait(40);
        emit('doctor', { id, done: index + 1, total: steps.length, step: one });
      }
      const bad = steps.find(({ state }) => state === 'bad');
      return {
        id,
        verdict: bad ? 'no_account' : 'ok',
        code: bad?.code ?? '',
        client: '',
        protocol: '',
        base_url: '',
        why: bad?.summary ?? '',
        steps,
      };
    },
    LanCheck: () => ({
      on: model.server.lan,
      port: model.server.port,
      needs_key: true,
      has_key: true,
      addresses: model.server.lan_addresses.map(({ url, interface: name }, index) => ({
        interface: name,
        url,
        reachable: index === 0,
        problem: index === 0 ? '' : 'Nothing answers there within 2 s: the interface may be down.',
      })),
    }),
    Doctor: ({ target }) => ({
      verdict: target.includes('/v1/v1') ? 'mistake' : 'ok',
      code: target.includes('/v1/v1') ? 'duplicated_version_prefix' : '',
      client: 'Kilo Code',
      protocol: 'openai',
      base_url: 'http://127.0.0.1:8045/v1',
      why: '',
      rewrite_to: '',
      lines: target.includes('/v1/v1')
        ? ['The version stands there twice.', 'Enter http://127.0.0.1:8045/v1.']
        : ['The address is right.'],
    }),
  });
