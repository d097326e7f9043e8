import type { Report } from './issue.ts';
import { child } from './path.ts';
import { byteLength, isPlainObject, show } from './shared/json.ts';

const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const bare = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const maxNameLength = 253;
const maxAnnotationBytes = 262_144;

const isSubdomain = (text: string): boolean => text.length <= maxNameLength && subdomain.test(text);

function isQualified(key: string): boolean {
  const slash = key.indexOf('/');
  return slash < 0
    ? bare.test(key)
    : isSubdomain(key.slice(0, slash)) && bare.test(key.slice(slash + 1));
}

function checkMap(report: Report, path: string, value: unknown, isLabels: boolean): void {
  if (value === undefined || value === null) return;
  if (!isPlainObject(value)) {
    report.error(path, `a map is needed, not ${show(value)}`);
    return;
  }
  for (const [key, entry] of Object.entries(value)) {
    const at = child(path, key);
    if (!isQualified(isLabels ? key : key.toLowerCase()))
      report.error(at, `${show(key)} is no key for a label or annotation`);
    if (entry === null) continue;
    if (typeof entry !== 'string')
      report.error(at, `text is needed, not ${show(entry)}; put it in quotes`);
    else if (isLabels && entry !== '' && !bare.test(entry))
      report.error(at, `${show(entry)} is no label value`);
  }
}

function checkSizes(report: Report, metadata: Record<string, unknown>): void {
  const { annotations, finalizers } = metadata;
  const entries = isPlainObject(annotations) ? Object.entries(annotations) : [];
  const bytes = entries.reduce((sum, entry) => sum + byteLength(entry.join('')), 0);
  if (bytes > maxAnnotationBytes) {
    report.error(
      'metadata.annotations',
      `${bytes} bytes are too many; ${maxAnnotationBytes} are possible`,
    );
  }
  for (const [index, name] of (Array.isArray(finalizers) ? finalizers : []).entries()) {
    if (typeof name !== 'string' || isQualified(name)) continue;
    report.error(`metadata.finalizers[${index}]`, `${show(name)} is no name of a finalizer`);
  }
}

/** What the Kubernetes API asks of the metadata of every object. */
export function checkMetadata(report: Report, object: Record<string, unknown>): void {
  const { metadata } = object;
  if (!isPlainObject(metadata)) {
    report.error('metadata', 'metadata with a name is needed');
    return;
  }
  const { name, generateName, namespace } = metadata;
  if (typeof name === 'string' && name !== '') {
    if (!isSubdomain(name))
      report.error(
        'metadata.name',
        `${show(name)} is no name: use lower-case letters, digits, "-" and "."`,
      );
  } else if (typeof generateName !== 'string' || generateName === '') {
    report.error('metadata.name', 'a name is needed');
  } else if (!isSubdomain(`${generateName}x`)) {
    report.error('metadata.generateName', `${show(generateName)} cannot begin a name`);
  }
  if (namespace !== undefined && namespace !== null && namespace !== '') {
    if (typeof namespace !== 'string' || !label.test(namespace)) {
      report.error('metadata.namespace', `${show(namespace)} is no namespace`);
    }
  }
  checkMap(report, 'metadata.labels', metadata['labels'], true);
  checkMap(report, 'metadata.annotations', metadata['annotations'], false);
  checkSizes(report, metadata);
}
