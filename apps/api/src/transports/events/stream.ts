interface Options {
  stopping: AbortSignal;
  onOpen(): void;
  onClose(reason: CloseReason): void;
}

type CloseReason = 'left' | 'slow' | 'stopping' | 'refused' | 'error';

/** What a reader may leave unread before its stream is closed; it resumes with its last id. */
const bufferBytes = 256 * 1024;

const retryMs = 1_000;

export interface EventStream {
  body: ReadableStream<Uint8Array>;
  /** @param event null: an unnamed message */
  send(event: string | null, data: object, id?: string): void;
  close(reason: CloseReason): void;
  closed(): boolean;
}

/** A `text/event-stream` body (WHATWG HTML, section 9.2) with a bounded buffer. */
export function openStream({ stopping, onOpen, onClose }: Options): EventStream {
  const encoder = new TextEncoder();
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let open = true;

  const close = (reason: CloseReason) => {
    if (!open) return;
    open = false;
    stopping.removeEventListener('abort', whenStopping);
    if (reason !== 'left') controller.close();
    onClose(reason);
  };
  const whenStopping = () => close('stopping');

  const write = (text: string) => {
    if (!open) return;
    controller.enqueue(encoder.encode(text));
    if ((controller.desiredSize ?? 0) < 0) close('slow');
  };

  const body = new ReadableStream<Uint8Array>(
    {
      start: (made) => {
        controller = made;
      },
      cancel: () => close('left'),
    },
    { highWaterMark: bufferBytes, size: (chunk) => chunk?.byteLength ?? 0 },
  );
  onOpen();
  stopping.addEventListener('abort', whenStopping);
  write(`retry: ${retryMs}\n\n`);
  if (stopping.aborted) close('stopping');
  return {
    body,
    send: (event, data, id) =>
      write(
        `${event ? `event: ${event}\n` : ''}${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`,
      ),
    close,
    closed: () => !open,
  };
}
