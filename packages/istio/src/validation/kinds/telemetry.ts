import type {
  Metrics,
  MetricsOverrides,
  ProviderRef,
  Telemetry,
  Tracing,
} from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { child } from '../path.ts';
import { celProblem } from '../shared/cel-syntax.ts';
import { checkAttachment } from '../shared/selector.ts';
import type { Check } from './subject.ts';

function checkProviders(report: Report, path: string, providers: ProviderRef[] | undefined): void {
  const nameless = (providers ?? []).findIndex(({ name }) => !name);
  if (nameless >= 0) report.error(`${path}[${nameless}]`, 'the provider needs a name');
}

function checkTracing(report: Report, path: string, tracing: Tracing): void {
  if ((tracing.providers?.length ?? 0) > 1) {
    report.warn(`${path}.providers`, 'only one provider is supported');
  }
  checkProviders(report, `${path}.providers`, tracing.providers);
  const percent = tracing.randomSamplingPercentage ?? 0;
  if (percent < 0 || percent > 100) {
    report.error(`${path}.randomSamplingPercentage`, `${percent} is not 0 to 100`);
  }
  for (const [name, tag] of tracing.customTags ?? []) {
    const at = child(`${path}.customTags`, name);
    if (name === '') report.error(at, 'the tag needs a name');
    if (tag.literal && !tag.literal.value) report.error(at, 'the literal needs a value');
    if (tag.header && !tag.header.name) report.error(at, 'the header needs a name');
    if (tag.environment && !tag.environment.name) {
      report.error(at, 'the environment variable needs a name');
    }
  }
}

function checkOverride(report: Report, path: string, override: MetricsOverrides): void {
  for (const [name, tag] of override.tagOverrides ?? []) {
    const at = child(`${path}.tagOverrides`, name);
    const operation = tag.operation ?? 'UPSERT';
    if (name === '') report.warn(at, 'the tag has no name');
    if (operation === 'UPSERT' && !tag.value) report.error(at, 'UPSERT needs a value');
    if (operation === 'REMOVE' && tag.value) report.error(at, 'REMOVE takes no value');
  }
  if (override.match?.customMetric === '') {
    report.error(`${path}.match.customMetric`, 'the name of the metric is empty');
  }
}

function checkMetrics(report: Report, path: string, metrics: Metrics): void {
  checkProviders(report, `${path}.providers`, metrics.providers);
  for (const [index, override] of (metrics.overrides ?? []).entries()) {
    checkOverride(report, `${path}.overrides[${index}]`, override);
  }
}

export const checkTelemetry: Check<Telemetry> = ({ spec }, report) => {
  const { metrics = [], tracing = [], accessLogging = [] } = spec;
  checkAttachment(report, 'spec', spec);
  for (const [index, entry] of metrics.entries()) {
    checkMetrics(report, `spec.metrics[${index}]`, entry);
  }
  if (tracing.length > 1) report.warn('spec.tracing', 'only one entry is supported');
  for (const [index, entry] of tracing.entries()) {
    checkTracing(report, `spec.tracing[${index}]`, entry);
  }
  for (const [index, { filter, providers }] of accessLogging.entries()) {
    const path = `spec.accessLogging[${index}]`;
    const problem = filter && celProblem(filter.expression ?? '');
    report.need(`${path}.filter.expression`, problem && `no CEL expression: ${problem}`);
    checkProviders(report, `${path}.providers`, providers);
  }
};
