import { inWindow, type NativeHost } from './bridge';
import type { Envelope } from './envelope';

/** How the event stream is doing: `live` after the first state of a connection, `lost` between connections. */
export type Link = 'connecting' | 'live' | 'lost';

export interface EventSink {
  onEvent(event: Envelope): void;
  onLink(link: Link): void;
  /** The stream was refused, such as after the session's end: false ends the attempts to reconnect. */
  onRefused(): Promise<boolean>;
}

const EVENTS_PATH = '/api/events';
const RETRY_MS = 1500;
const MOST_RETRY_MS = 20_000;

/** Opens the one event stream of the page; the returned function ends it. */
export function openEvents(sink: EventSink): () => void {
  return inWindow() ? openNative(sink) : openStream(sink);
}

function openNative(sink: EventSink): () => void {
  const host = window as unknown as NativeHost;
  const stop = host.runtime?.EventsOn?.('agt', (data) => {
    deliver(sink, data);
  });
  sink.onLink('live');
  return stop ?? (() => undefined);
}

function openStream(sink: EventSink): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_MS;
  let ended = false;

  const connect = (): void => {
    source = new EventSource(EVENTS_PATH, { withCredentials: true });
    source.onopen = () => {
      wait = RETRY_MS;
      sink.onLink('live');
    };
    source.onmessage = (message: MessageEvent<string>) => {
      deliver(sink, message.data);
    };
    source.onerror = () => {
      sink.onLink('lost');
      // An interrupted stream reconnects by itself; a refused one is closed for good.
      if (source?.readyState === EventSource.CLOSED) void again();
    };
  };

  const again = async (): Promise<void> => {
    if (ended || !(await sink.onRefused()) || ended) return;
    clearTimeout(timer);
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 2, MOST_RETRY_MS);
  };

  sink.onLink('connecting');
  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    source?.close();
  };
}

function deliver(sink: EventSink, raw: unknown): void {
  const event = parse(raw);
  if (event) sink.onEvent(event);
}

function parse(raw: unknown): Envelope | undefined {
  try {
    const value = (typeof raw === 'string' ? JSON.parse(raw) : raw) as Partial<Envelope> | null;
    if (!value || typeof value.topic !== 'string' || typeof value.seq !== 'number') return undefined;
    return value as Envelope;
  } catch {
    return undefined;
  }
}
