/** Codes of Prisma, Node and Postgres (errcodes appendix) that mean: the database cannot be reached now. */
const down = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2037',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08000',
  '08003',
  '08006',
]);

const downText =
  /Connection terminated|DatabaseNotReachable|SocketTimeout|ConnectionClosed|timeout exceeded when trying to connect|Can't reach database server|Unable to start a transaction in the given time/;

/** True when an error, or one of its causes, says that the database cannot be reached now. */
export function isDatabaseDown(error: unknown): boolean {
  return chain(error).some(
    ({ code, message }) => down.has(String(code)) || downText.test(String(message)),
  );
}

/** True for a violated unique index (Prisma P2002, Postgres 23505): somebody was faster, or the name is taken. */
export function isUniqueViolation(error: unknown): boolean {
  return chain(error).some(({ code }) => code === 'P2002' || code === '23505');
}

const lostToAnother = new Set(['P2034', '40001', '40P01']);

/** True when the transaction lost against another one (deadlock, serialisation) and may simply run again. */
export function isLostToAnother(error: unknown): boolean {
  return chain(error).some(
    ({ code, originalCode }) =>
      lostToAnother.has(String(code)) || lostToAnother.has(String(originalCode)),
  );
}

interface Link {
  originalCode?: unknown;
  code?: unknown;
  message?: unknown;
  cause?: unknown;
  errors?: unknown;
  meta?: { driverAdapterError?: unknown };
}

function chain(error: unknown): Link[] {
  const links: Link[] = [];
  const open: unknown[] = [error];
  while (open.length > 0 && links.length < 12) {
    const next = open.shift();
    if (next === null || typeof next !== 'object') continue;
    const link = next as Link;
    links.push(link);
    open.push(link.cause, link.meta?.driverAdapterError);
    if (Array.isArray(link.errors)) open.push(...(link.errors as unknown[]));
  }
  return links;
}
