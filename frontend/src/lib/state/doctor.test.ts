import { describe, expect, it, vi } from 'vitest';
import type { DoctorStep } from '$lib/api';
import { stubRpc } from '../../test/rpc';
import { doctor } from './doctor.svelte';

const aStep = (id: string): DoctorStep => ({
  id,
  title: id,
  state: 'ok',
  code: '',
  summary: '',
  details: [],
  cure: '',
  duration_ms: 1,
});

describe('the walk', () => {
  it('takes the steps of its own walk alone, then the answer', async () => {
    let answer: (value: unknown) => void = () => undefined;
    const calls: { id: string; skip_upstream: boolean }[] = [];
    vi.stubGlobal('fetch', (_url: string, init: RequestInit) => {
      calls.push((JSON.parse(String(init.body)) as never[])[0] as never);
      return new Promise((resolve) => (answer = resolve));
    });
    doctor.askAccount = false;
    const done = doctor.walk();
    void doctor.walk(); // one at a time
    expect(calls).toHaveLength(1);
    const id = calls[0]?.id ?? '';
    expect(calls[0]?.skip_upstream).toBe(true);
    doctor.take({ id: 'of another page', done: 1, total: 2, step: aStep('x') });
    doctor.take({ id, done: 1, total: 2, step: aStep('program') });
    expect(doctor.steps.map((step) => step.id)).toEqual(['program']);
    const steps = [aStep('program'), aStep('port')];
    answer(
      Response.json({ id, verdict: 'ok', code: '', client: '', protocol: '', base_url: '', why: '', steps }),
    );
    await done;
    expect(doctor.walking.phase).toBe('done');
    expect(doctor.steps).toHaveLength(2);
    doctor.take({ id, done: 2, total: 2, step: aStep('late') });
    expect(doctor.steps).toHaveLength(2);
  });

  it('says why it failed', async () => {
    stubRpc({});
    await doctor.walk();
    expect(doctor.walking).toMatchObject({ phase: 'failed', error: { message: 'no verb DoctorWalk' } });
    await doctor.explain('/x');
    expect(doctor.explaining).toMatchObject({ phase: 'failed' });
  });
});
