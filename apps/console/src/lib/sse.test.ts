import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sseReader } from './sse.ts';

const text =
  ': hello\n\nid: 7\ndata: {"a":1}\n\nevent: ping\ndata: x\ndata: y\n\nid: 8\n\ndata: z\n\n';
const messages = [
  { id: '7', event: 'message', data: '{"a":1}' },
  { id: null, event: 'ping', data: 'x\ny' },
  { id: null, event: 'message', data: 'z' },
];

it('reads messages and leaves out comments and those without data', () => {
  expect(sseReader()(text)).toEqual(messages);
});

it('reads the same however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      const read = sseReader();
      const got = at.slice(1).flatMap((end, i) => read(text.slice(at[i], end)));
      expect(got).toEqual(messages);
    }),
  );
});
