import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openEvents, type EventSink } from './events';

class FakeSource {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  onopen: (() => void) | undefined;
  onmessage: ((message: { data: string }) => void) | undefined;
  onerror: (() => void) | undefined;
  readyState = 0;
  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

const sink = (): EventSink & { events: unknown[]; links: string[] } => {
  const events: unknown[] = [];
  const links: string[] = [];
  return {
    events,
    links,
    onEvent: (event) => events.push(event),
    onLink: (link) => links.push(link),
    onRefused: vi.fn().mockResolvedValue(true),
  };
};
const newest = (): FakeSource => {
  const source = FakeSource.all.at(-1);
  if (!source) throw new Error('no stream was opened');
  return source;
};

beforeEach(() => {
  FakeSource.all = [];
  vi.stubGlobal('EventSource', FakeSource);
  vi.useFakeTimers();
  return () => {
    vi.useRealTimers();
  };
});

describe('the event stream', () => {
  it('delivers envelopes and drops what is none', () => {
    const to = sink();
    openEvents(to);
    newest().onopen?.();
    newest().onmessage?.({ data: '{"topic":"problems","seq":4,"data":[]}' });
    newest().onmessage?.({ data: 'not json' });
    newest().onmessage?.({ data: '{"seq":5}' });
    expect(to.events).toEqual([{ topic: 'problems', seq: 4, data: [] }]);
    expect(to.links).toEqual(['connecting', 'live']);
  });

  it('opens a new stream after a refused one, later each time', async () => {
    const to = sink();
    openEvents(to);
    for (const wait of [1500, 3000, 6000]) {
      const opened = FakeSource.all.length;
      newest().readyState = FakeSource.CLOSED;
      newest().onerror?.();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(FakeSource.all.length).toBe(opened);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSource.all.length).toBe(opened + 1);
    }
    expect(to.links).toContain('lost');
  });

  it('leaves an interrupted stream to the browser', async () => {
    const to = sink();
    openEvents(to);
    newest().onerror?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.all).toHaveLength(1);
    expect(to.onRefused).not.toHaveBeenCalled();
  });

  it('gives up when the session is over', async () => {
    const to = { ...sink(), onRefused: vi.fn().mockResolvedValue(false) };
    openEvents(to);
    newest().readyState = FakeSource.CLOSED;
    newest().onerror?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.all).toHaveLength(1);
  });

  it('ends when it is told to', async () => {
    const stop = openEvents(sink());
    const source = newest();
    source.readyState = FakeSource.CLOSED;
    source.onerror?.();
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.all).toHaveLength(1);
  });
});
