import { describe, expect, it } from 'vitest';
import { Resource } from './resource.svelte';

describe('a resource', () => {
  it('is loading, then ready', async () => {
    const resource = new Resource(() => Promise.resolve(7));
    expect(resource.value).toMatchObject({ status: 'loading', data: undefined });
    await resource.load();
    expect(resource.value).toMatchObject({ status: 'ready', data: 7, stale: false });
  });

  it('keeps old data, marked stale, when a reload fails', async () => {
    const answers = [() => Promise.resolve(1), () => Promise.reject(new Error('gone'))];
    const resource = new Resource(() => (answers.shift() as () => Promise<number>)());
    await resource.load();
    await resource.load();
    expect(resource.value).toMatchObject({
      status: 'error',
      data: 1,
      stale: true,
      error: { message: 'gone' },
    });
  });

  it('shows loading again when it failed without data', async () => {
    const resource = new Resource<number>(() => Promise.reject(new Error('gone')));
    await resource.load();
    expect(resource.value).toMatchObject({ status: 'error', data: undefined, stale: false });
    const again = resource.load();
    expect(resource.value.status).toBe('loading');
    await again;
  });

  it('drops an answer that was overtaken', async () => {
    const gates: ((value: string) => void)[] = [];
    const resource = new Resource<string>(() => new Promise((resolve) => gates.push(resolve)));
    const first = resource.load();
    const second = resource.load();
    gates[1]?.('new');
    await second;
    gates[0]?.('old');
    await first;
    expect(resource.data).toBe('new');
  });

  it('lets an event win over a fetch under way', async () => {
    let answer: (value: string) => void = () => undefined;
    const resource = new Resource<string>(() => new Promise((resolve) => (answer = resolve)));
    const loading = resource.load();
    resource.set('event');
    answer('fetch');
    await loading;
    expect(resource.data).toBe('event');
  });

  it('is stale until it is set again', () => {
    const resource = new Resource(() => Promise.resolve(1));
    resource.markStale();
    expect(resource.value.status).toBe('loading');
    resource.set(1);
    resource.markStale();
    expect(resource.value.stale).toBe(true);
    resource.update((value) => value + 1);
    expect(resource.value).toMatchObject({ status: 'ready', data: 2, stale: false });
  });
});
