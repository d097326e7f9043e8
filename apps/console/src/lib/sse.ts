export interface SseMessage {
  id: string | null;
  event: string;
  data: string;
}

/**
 * Reads a `text/event-stream` piece by piece (WHATWG HTML, section 9.2.6).
 * @returns a function that takes a chunk of text and answers the messages that are complete with it
 */
export function sseReader(): (chunk: string) => SseMessage[] {
  let rest = '';
  let message: SseMessage = { id: null, event: 'message', data: '' };
  let hasData = false;
  return (chunk) => {
    const done: SseMessage[] = [];
    const lines = (rest + chunk).split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (hasData) done.push({ ...message, data: message.data.slice(0, -1) });
        message = { id: null, event: 'message', data: '' };
        hasData = false;
        continue;
      }
      const colon = line.indexOf(':');
      if (colon === 0) continue;
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') {
        message.data += `${value}\n`;
        hasData = true;
      } else if (field === 'event') message.event = value;
      else if (field === 'id') message.id = value;
    }
    return done;
  };
}
