import { badRequest } from '../status.ts';

/** A field as it travels: a number, or bytes (text, message, double). */
export type Wire = number | Buffer;

const malformed = () => badRequest('the body is not a well-formed protobuf message');

/** Goes through the fields of one message. @throws ApiError 400 when the bytes are cut or wrong */
export function walkFields(bytes: Buffer, field: (number: number, value: Wire) => void): void {
  let at = 0;
  const varint = (): number => {
    let low = 0;
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw malformed();
      low += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return low;
    }
    let value = BigInt(low);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw malformed();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw malformed();
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        field(number, varint());
        break;
      case 1:
      case 2:
      case 5: {
        const length = tag % 8 === 2 ? varint() : tag % 8 === 1 ? 8 : 4;
        if (length < 0 || at + length > bytes.length) throw malformed();
        field(number, bytes.subarray(at, at + length));
        at += length;
        break;
      }
      default:
        throw malformed();
    }
  }
}
