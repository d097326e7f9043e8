export type WellKnown = 'any' | 'duration' | 'timestamp' | 'wrapper' | 'struct' | 'list' | 'value';

const wrappers = [
  'Bool',
  'Bytes',
  'String',
  'Int32',
  'UInt32',
  'Int64',
  'UInt64',
  'Float',
  'Double',
];

/** Messages whose JSON form is not an object of their fields. */
export const wellKnown: ReadonlyMap<string, WellKnown> = new Map<string, WellKnown>([
  ['google.protobuf.Any', 'any'],
  ['google.protobuf.Duration', 'duration'],
  ['google.protobuf.Timestamp', 'timestamp'],
  ['google.protobuf.Struct', 'struct'],
  ['google.protobuf.ListValue', 'list'],
  ['google.protobuf.Value', 'value'],
  ...wrappers.map((name): [string, WellKnown] => [`google.protobuf.${name}Value`, 'wrapper']),
]);
