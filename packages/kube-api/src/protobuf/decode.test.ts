import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../status.ts';
import { decodeProtobuf } from './decode.ts';

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const field = (number: number, bytes: Buffer | string): Buffer => {
  const content = Buffer.from(bytes);
  return Buffer.concat([
    Buffer.from([...varint(number * 8 + 2), ...varint(content.length)]),
    content,
  ]);
};
const whole = (number: number, value: number): Buffer =>
  Buffer.from([...varint(number * 8), ...varint(value)]);
const envelope = (apiVersion: string, kind: string, message: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])),
    field(2, message),
  ]);

describe('protobuf bodies', () => {
  test('a Service with maps, keyed lists, int-or-string and empty fields', () => {
    const metadata = Buffer.concat([
      field(1, 'web'),
      field(3, ''),
      field(11, Buffer.concat([field(1, 'app'), field(2, 'web')])),
    ]);
    const port = Buffer.concat([
      field(1, 'http'),
      whole(3, 80),
      field(4, Buffer.concat([whole(1, 1), whole(2, 0), field(3, 'web')])),
    ]);
    const message = Buffer.concat([field(1, metadata), field(2, field(1, port))]);
    expect(decodeProtobuf(envelope('v1', 'Service', message))).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: { ports: [{ name: 'http', port: 80, targetPort: 'web' }] },
    });
  });

  test('bytes come as base64, and zero counts where Go has a pointer', () => {
    const data = field(2, Buffer.concat([field(1, 'k'), field(2, Buffer.from([1, 2, 255]))]));
    expect(decodeProtobuf(envelope('v1', 'Secret', data)).data).toEqual({ k: 'AQL/' });
    const deployment = envelope(
      'apps/v1',
      'Deployment',
      field(2, Buffer.concat([whole(1, 0), whole(5, 0)])),
    );
    expect(decodeProtobuf(deployment).spec).toEqual({ replicas: 0 });
  });

  test('kinds nobody knows are 415, other bytes 400', () => {
    expect(() => decodeProtobuf(envelope('x/v1', 'X', Buffer.alloc(0)))).toThrow(/unknown format/);
    expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow(/not a Kubernetes protobuf message/);
  });

  test('whatever bytes come, the outcome is an object or an ApiError', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom('Pod', 'Secret', 'ConfigMap'),
        (bytes, kind) => {
          try {
            expect(decodeProtobuf(envelope('v1', kind, Buffer.from(bytes)))).toMatchObject({
              kind,
            });
          } catch (error) {
            expect(error).toBeInstanceOf(ApiError);
          }
        },
      ),
    );
  });
});
