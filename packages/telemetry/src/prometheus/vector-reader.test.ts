import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SourceError } from '../source.ts';
import { createVectorReader } from './vector-reader.ts';

type Row = [Record<string, string>, string];

const body = (rows: Row[], more: object = {}, space?: number): string => {
  const result = rows.map(([metric, value]) => ({ metric, value: [1700000000.123, value] }));
  return JSON.stringify(
    { status: 'success', data: { resultType: 'vector', result }, ...more },
    null,
    space,
  );
};

function readAll(text: string | Buffer, cuts: number[] = []) {
  const bytes = Buffer.from(text);
  const found: [Record<string, string>, number][] = [];
  const reader = createVectorReader((row, from, to, value) => {
    found.push([JSON.parse(`{${row.toString('utf8', from, to)}}`), value]);
  });
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let before = 0;
  for (const cut of [...at, bytes.length]) {
    reader.push(bytes.subarray(before, cut));
    before = cut;
  }
  return { ...reader.end(), found };
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('"', '\\', '},"value":[', '{"metric":{', '"]}', ']}', '\\"},"value":[1,"2"]}'),
);
const name = fc.constantFrom('a', 'b_c', 'le', 'source_workload', 'metric', 'value');
const number = fc.oneof(
  fc.double().map(String),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map(String),
  fc.constantFrom('NaN', '0', '1e-7', '12345678901234567890', '0.1', '00.50'),
);

describe('an answer', () => {
  test('is read as JSON.parse reads it, wherever the network cuts it and whatever labels say', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.dictionary(name, text, { maxKeys: 4 }), number), { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.constantFrom(undefined, 2),
        fc.array(text, { maxLength: 2 }),
        (rows, cuts, space, warnings) => {
          const read = readAll(body(rows as Row[], { warnings }, space), cuts);
          expect(read.rows).toBe(rows.length);
          expect(read.warnings).toEqual(warnings);
          read.found.forEach(([labels, value], at) => {
            expect(labels).toEqual({ ...rows[at]![0] });
            const truth = Number(rows[at]![1]);
            if (Number.isFinite(truth) && truth !== 0) expect(value / truth).toBeCloseTo(1, 12);
            else expect(value).toEqual(truth === 0 ? expect.closeTo(0) : truth);
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  test('that is cut short, or is none of Prometheus, is refused, never half believed', () => {
    const whole = body([
      [{ a: 'b' }, '1'],
      [{ a: 'c' }, '2'],
    ]);
    for (let length = 0; length < whole.length; length++) {
      expect(() => readAll(whole.slice(0, length)), `after ${length} bytes`).toThrow(SourceError);
    }
    expect(() => readAll('<html>sign in</html>')).toThrow('no answer of Prometheus');
    expect(() => readAll('{"status":"error","error":"no"}')).toThrow('refused the query: no');
    expect(() =>
      readAll('{"status":"success","data":{"resultType":"matrix","result":[]}}'),
    ).toThrow('matrix');
    expect(() =>
      readAll(
        `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"${'x'.repeat(200_000)}`,
      ),
    ).toThrow('64 KB');
  });

  test('of VictoriaMetrics says that it is partial', () => {
    const read = readAll(
      '{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1,"2"]}]},"stats":{}}',
    );
    expect(read).toMatchObject({ isPartial: true, rows: 1 });
  });
});
