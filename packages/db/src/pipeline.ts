import pg from 'pg';

export interface Statement {
  /** Kept prepared under this name by each connection; the same name always means the same text. */
  name?: string;
  text: string;
  values?: unknown[];
}

/** Transactions whose statements are known beforehand: all are sent at once and take one round trip. */
export interface Pipeline {
  /**
   * Runs statements in one transaction and commits it.
   * @returns the rows of each statement
   * @throws the error of the first statement that failed; nothing was written then
   */
  transaction(statements: Statement[]): Promise<unknown[][]>;
  close(): Promise<void>;
}

/** @param options.max connections at most; they are made when they are needed */
export function openPipeline(url: string, { max = 4 } = {}): Pipeline {
  const pool = new pg.Pool({ connectionString: url, max, pipeline: true } as pg.PoolConfig);
  pool.on('error', () => {});
  return {
    async transaction(statements) {
      const client = await pool.connect();
      let broken: unknown;
      // A connection that breaks tells each query, but also this.
      const onError = (error: unknown): void => void (broken ??= error);
      client.on('error', onError);
      try {
        const sent = [
          client.query('BEGIN'),
          ...statements.map(({ name, text, values }) => client.query({ name, text, values })),
          client.query('COMMIT'),
        ];
        const settled = await Promise.allSettled(sent);
        const failed = settled.find(({ status }) => status === 'rejected');
        if (failed?.status === 'rejected') throw failed.reason;
        const answers = settled.map((one) => (one as PromiseFulfilledResult<pg.QueryResult>).value);
        if (answers.at(-1)!.command !== 'COMMIT')
          throw new Error('the transaction was rolled back');
        return answers.slice(1, -1).map(({ rows }) => rows as unknown[]);
      } finally {
        client.off('error', onError);
        client.release(broken !== undefined);
      }
    },
    close: () => pool.end(),
  };
}
