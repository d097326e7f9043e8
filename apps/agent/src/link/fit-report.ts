import { agentLimits, type StatusReport } from '@ambit/contracts/agent/protocol';

const sizeOf = (report: StatusReport): number => Buffer.byteLength(JSON.stringify(report));

/** What is left out, one after the other, until a report fits: never conditions, never bundle states. */
const cuts: ((report: StatusReport) => StatusReport)[] = [
  (report) => ({ ...report, logs: report.logs.slice(0, 20) }),
  (report) => ({
    ...report,
    bundles: report.bundles.map((bundle) => ({ ...bundle, drift: bundle.drift.slice(0, 5) })),
  }),
  (report) => ({ ...report, logs: [] }),
  (report) => ({
    ...report,
    bundles: report.bundles.map((bundle) => ({
      ...bundle,
      message: bundle.message.slice(0, 500),
      errors: bundle.errors
        .slice(0, 5)
        .map((error) => ({ ...error, message: error.message.slice(0, 500) })),
    })),
  }),
  (report) => ({
    ...report,
    cluster: { ...report.cluster, nodes: report.cluster.nodes.slice(0, 500) },
  }),
  (report) => ({ ...report, cluster: { ...report.cluster, nodes: [] } }),
];

/** The report, cut to what the platform takes. */
export function fitReport(
  report: StatusReport,
  maxBytes: number = agentLimits.statusMaxBytes,
): StatusReport {
  let fitted = report;
  for (const cut of cuts) {
    if (sizeOf(fitted) <= maxBytes) return fitted;
    fitted = cut(fitted);
  }
  return fitted;
}
