import { LabError } from './lab-error.ts';

export type TcpAddress = { host: string; port: number };
export type ForwardSource = ({ kind: 'tcp' } & TcpAddress) | { kind: 'unix'; file: string };
export type ForwardTarget = ForwardSource | { kind: 'file'; file: string };
export type Forward = { from: ForwardSource; to: ForwardTarget };

/** Reads `ADDRESS:PORT`. Throws LabError on anything else. */
export function parseTcpAddress(text: string): TcpAddress {
  const match = /^([\w.-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match?.[1] || port < 1 || port > 65_535) {
    throw new LabError(
      `"${text}" is not an address of the form ADDRESS:PORT, such as 127.0.0.1:4600.`,
    );
  }
  return { host: match[1], port };
}

function parseSide(text: string): ForwardTarget {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case 'tcp':
      return { kind: 'tcp', ...parseTcpAddress(rest) };
    case 'unix':
      return { kind: 'unix', file: rest };
    case 'file':
      return { kind: 'file', file: rest };
    default:
      throw new LabError(`"${text}" is neither tcp:ADDRESS:PORT nor unix:FILE nor file:FILE.`);
  }
}

/** Reads `FROM=TO`. Throws LabError when a side is not understood or FROM is a file. */
export function parseForward(text: string): Forward {
  const equals = text.indexOf('=');
  const from = parseSide(text.slice(0, equals));
  if (from.kind === 'file')
    throw new LabError(`"${text}" listens on a file: it has to be tcp: or unix:.`);
  return { from, to: parseSide(text.slice(equals + 1)) };
}

/** Writes one side of a forward as the forwarder reads it. */
export function formatSide(side: ForwardTarget): string {
  return side.kind === 'tcp' ? `tcp:${side.host}:${side.port}` : `${side.kind}:${side.file}`;
}
