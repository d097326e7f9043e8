import { createServer, type Server } from 'node:http';

export interface Health {
  /** leading: does the work; standby: another copy does. Both are healthy. */
  role: 'starting' | 'standby' | 'leading';
  generation: number;
  linkUp: boolean;
  refused: boolean;
  reports: number;
  bundles: { name: string; state: string }[];
}

/** `/healthz`, `/readyz`, `/metrics` (Prometheus text). The process lives even when the platform is away. */
export function serveHealth(port: number, read: () => Health): Promise<Server> {
  const server = createServer((request, response) => {
    const health = read();
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type }).end(body);
    switch (request.url) {
      case '/healthz':
        return answer(200, 'application/json', JSON.stringify({ status: 'ok', role: health.role }));
      case '/readyz': {
        const ready = health.role !== 'starting';
        const body = { status: ready ? 'ok' : 'starting', ...health };
        return answer(ready ? 200 : 503, 'application/json', JSON.stringify(body));
      }
      case '/metrics':
        return answer(200, 'text/plain; version=0.0.4', metrics(health));
      default:
        return answer(404, 'text/plain', 'there is /healthz, /readyz and /metrics\n');
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });
}

function metrics(health: Health): string {
  const lines = [
    '# TYPE ambit_agent_leading gauge',
    `ambit_agent_leading ${health.role === 'leading' ? 1 : 0}`,
    '# TYPE ambit_agent_link_up gauge',
    `ambit_agent_link_up ${health.linkUp ? 1 : 0}`,
    '# TYPE ambit_agent_refused gauge',
    `ambit_agent_refused ${health.refused ? 1 : 0}`,
    '# TYPE ambit_agent_desired_generation gauge',
    `ambit_agent_desired_generation ${health.generation}`,
    '# TYPE ambit_agent_reports_total counter',
    `ambit_agent_reports_total ${health.reports}`,
    '# TYPE ambit_agent_resident_memory_bytes gauge',
    `ambit_agent_resident_memory_bytes ${process.memoryUsage.rss()}`,
    '# TYPE ambit_agent_bundle_state gauge',
    ...health.bundles.map(
      ({ name, state }) => `ambit_agent_bundle_state{bundle="${name}",state="${state}"} 1`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
