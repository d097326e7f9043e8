import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient, type Prisma } from './generated/client.ts';

export type Tx = Prisma.TransactionClient;

export interface Database {
  url: string;
  /** Beyond tenancy: only for sign-in, token and agent look-up, relay and sweep. */
  system: PrismaClient;
  pool: pg.Pool;
  close(): Promise<void>;
}

/**
 * Opens a pool on a migrated database.
 * @param options.max connections at most
 */
export function openDatabase(url: string, options: { max?: number } = {}): Database {
  const pool = new pg.Pool({ connectionString: url, max: options.max ?? 12 });
  pool.on('error', () => {});
  const system = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    url,
    system,
    pool,
    close: async () => {
      await system.$disconnect();
      await pool.end().catch(() => {});
    },
  };
}

/**
 * Runs `work` in one transaction that sees and writes rows of one organisation only (row-level security,
 * role ambit_tenant). Rolls back when `work` throws.
 */
export function inTenant<T>(
  db: Database,
  organisationId: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return db.system.$transaction(
    async (tx) => {
      await tx.$queryRaw`SELECT set_config('role', 'ambit_tenant', true), set_config('ambit.organisation', ${organisationId}, true)`;
      return work(tx);
    },
    { maxWait: 10_000, timeout: 30_000 },
  );
}
