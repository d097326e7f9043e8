import { SourceError } from '../source.ts';

const certificates =
  /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|ERR_TLS_CERT|HOSTNAME_MISMATCH)/;

/** Why a server could not be talked to, by the code of node's error: for people, with what to do. */
export function explainFault(error: unknown, where: string): SourceError {
  if (error instanceof SourceError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new SourceError('unreachable', `${where} ${sentenceOf(code, message)}`);
}

function sentenceOf(code: string, message: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `cannot be found: DNS does not know its host (${code}). Is the name right, and known outside of its cluster?`;
  }
  if (code === 'ECONNREFUSED') {
    return 'refuses the connection (ECONNREFUSED): is the port right, and does the server run?';
  }
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ETIMEDOUT') {
    return `cannot be reached (${code}): a firewall or a missing route is in between.`;
  }
  if (certificates.test(code)) {
    return `shows a certificate that is not trusted (${code}: ${message}): give the CA that signed it, or the name that it is for.`;
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return `does not speak TLS there (${code}): is it http:// and not https://?`;
  }
  return `cannot be reached or broke off (${code || message}): is the address right, and does the server run?`;
}
