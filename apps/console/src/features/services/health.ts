/** Health of the graph in the status vocabulary. */
export const healthStatus = (health: string): string =>
  ({ healthy: 'Ready', notReady: 'Progressing', degraded: 'Degraded', failure: 'Failed' })[
    health
  ] ?? 'Unknown';
