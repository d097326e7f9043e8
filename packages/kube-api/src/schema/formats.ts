import { isIPv4, isIPv6 } from 'node:net';

const rfc3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const goDuration =
  /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))*$/;

const formats: Record<string, (value: string) => boolean> = {
  'date-time': (value) => rfc3339.test(value),
  date: (value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)),
  duration: (value) => value === '0' || goDuration.test(value),
  ipv4: (value) => isIPv4(value),
  ipv6: (value) => isIPv6(value),
  byte: (value) => base64.test(value.replaceAll('\n', '')),
  uri: (value) => URL.canParse(value) || value.startsWith('/'),
  uuid: (value) =>
    /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value),
  email: (value) => /^[^@\s]+@[^@\s]+$/.test(value),
  hostname: (value) => /^[a-zA-Z0-9-]{1,63}(?:\.[a-zA-Z0-9-]{1,63})*\.?$/.test(value),
};

/** Whether a string has the format; formats that are not known are not checked, as upstream. */
export function hasFormat(format: string, value: string): boolean {
  return Object.hasOwn(formats, format) ? formats[format]!(value) : true;
}

export { goDuration };
