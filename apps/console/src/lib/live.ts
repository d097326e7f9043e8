import type { ChangeEvent } from '@ambit/contracts/events';
import { organisationHeader } from './organisation.ts';
import { sseReader } from './sse.ts';

export interface LiveState {
  status: 'connecting' | 'live' | 'lost';
  /** When the console last knew that its data was fresh; milliseconds since the epoch. */
  freshAtMs: number;
}

let state: LiveState = { status: 'connecting', freshAtMs: 0 };
const listeners = new Set<() => void>();

export const liveState = {
  get: () => state,
  subscribe: (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function setState(next: LiveState) {
  if (next.status === state.status && next.status === 'live') state.freshAtMs = next.freshAtMs;
  else {
    state = next;
    for (const listener of listeners) listener();
  }
}

interface Listener {
  onEvent: (event: ChangeEvent) => void;
  /** Events are followed from now on; those before are not known of. */
  onOpen: () => void;
  /** Events may have been missed: everything on screen is to be fetched again. */
  onGap: () => void;
  signal: AbortSignal;
}

/** Longest silence taken for a living connection; the server sends a comment more often than this. */
const silenceMs = 35_000;

async function readStream(
  lastId: string | null,
  { onEvent, onOpen, onGap, signal }: Listener,
): Promise<string | null> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), silenceMs);
  let cursor = lastId;
  try {
    const response = await fetch('/v1/events', {
      credentials: 'same-origin',
      signal: AbortSignal.any([signal, silence.signal]),
      headers: {
        accept: 'text/event-stream',
        ...organisationHeader(),
        ...(lastId ? { 'last-event-id': lastId } : {}),
      },
    });
    if (!response.ok || !response.body) return cursor;
    const wasLost = state.status === 'lost';
    setState({ status: 'live', freshAtMs: Date.now() });
    if (wasLost) onGap();
    onOpen();
    const read = sseReader();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return cursor;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), silenceMs);
      setState({ status: 'live', freshAtMs: Date.now() });
      for (const message of read(value)) {
        if (message.id !== null) cursor = message.id;
        if (message.event === 'reset') onGap();
        else if (message.event !== 'ping') onEvent(JSON.parse(message.data) as ChangeEvent);
      }
    }
  } catch {
    return cursor;
  } finally {
    clearTimeout(timer);
  }
}

/** Keeps one event stream open until `signal` aborts; reconnects where it stopped, waiting up to 10 s between tries. */
export async function followEvents(listener: Listener): Promise<void> {
  let cursor: string | null = null;
  let failures = 0;
  while (!listener.signal.aborted) {
    const openedAtMs = Date.now();
    cursor = await readStream(cursor, listener);
    if (listener.signal.aborted) return;
    setState({ status: 'lost', freshAtMs: state.freshAtMs || Date.now() });
    failures = Date.now() - openedAtMs > 30_000 ? 0 : failures + 1;
    const waitMs = Math.min(10_000, 500 * 2 ** Math.min(failures, 5)) * (0.75 + Math.random() / 2);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
