import type { Issue } from '@ambit/istio/validation/issue';
import { parts } from '@ambit/istio/validation/path';
import { isDnsLabel } from '@ambit/istio/validation/shared/host';
import { isCidr, isIpAddress } from '@ambit/istio/validation/shared/ip';

/** Problems that Istio tells in one text whatever the value, so that it tells them once for a resource. */
const alike: readonly [RegExp, string][] = [
  [/ is a short name; write the full domain name$/, 'short name'],
  [/ must be written as namespace\/host$/, 'namespace/host'],
  [/ needs a namespace and a host$/, 'empty host'],
  [/ is no namespace, "\." or "\*"$/, 'exportTo'],
];

/** Problems whose text in Istio has a name or number that stands in the path. */
const byPlace: readonly [RegExp, RegExp][] = [
  [/^JWT claims can be routed on/, /[^.]*$/],
  [/^set at least one field$/, /rules\[\d+\]\.(?:from|to)/],
  [/^an operation is needed$|^a source is needed$/, /rules\[\d+\]/],
  [/^a destination is needed$/, /mirrors?/],
  [/^a port is needed$/, /[A-Za-z]+(?=[^A-Za-z]*$)/],
  [/^a wildcard is not supported in a selector$/, /.*/],
  [/ CUSTOM/, /[^.]*$/],
  [/^an empty value matches nothing/, /rules\[\d+\]\.when.*$|[^.]*$/],
  [/^resolution DYNAMIC_DNS does not take this$/, /[^.]*$/],
  [/^not supported with action CUSTOM$/, /[^.]*$/],
  [/^a VirtualService without hosts is a delegate|^cannot be used together with /, /[^.]*$/],
  [/^ISTIO_MUTUAL uses the mesh's own certificates/, /[^.]*$/],
  [
    /^there is no condition |^"(?:request|experimental|destination)\..* (?:needs a name in|is no longer)/,
    /[^.]*$/,
  ],
];

/** The value at a path of `spec`. */
function valueAt(spec: unknown, path: string): unknown {
  let value: unknown = { spec };
  for (const part of parts(path)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value =
      value instanceof Map ? value.get(String(part)) : (value as Record<string, unknown>)[part];
  }
  return value;
}

const isAddress = (text: string): boolean =>
  text.includes('/') ? isCidr(text) : isIpAddress(text);

/** The parts of `namespace/name` that are no names, and that one is missing, are told each. */
function gatewayNameTexts(written: string): string[] {
  const slash = written.indexOf('/');
  const [namespace, name] = [written.slice(0, slash), written.slice(slash + 1)];
  return [
    ...(isDnsLabel(namespace) ? [] : [`namespace ${namespace}`]),
    ...(isDnsLabel(name) ? [] : [`gateway name ${name}`]),
    ...(namespace === '' || name === '' ? ['empty gateway name'] : []),
  ];
}

const modeOf = (tls: unknown): string => String((tls as { mode?: unknown } | undefined)?.mode);

type Port = { number?: number; protocol?: string; targetPort?: number };

const portText = (port: unknown): string => {
  const { number = 0, protocol = '', targetPort = 0 } = (port ?? {}) as Port;
  return `${number} ${protocol} ${targetPort}`;
};

/** Problems that Istio tells in several texts, by the value. */
const severalTexts: readonly [RegExp, (message: string, value: unknown) => string[]][] = [
  [
    / is no gateway: write namespace\/name in DNS labels$/,
    (_, value) => gatewayNameTexts(String(value)),
  ],
  // Of a host without namespace or name it also says that one is missing.
  [
    /^"" is no namespace, "\*" or "\."$|^a host name is needed here$/,
    (message, value) => (String(value).includes('/') ? [message, 'empty host'] : [message]),
  ],
  [/ must be written as 127\.0\.0\.1:port or unix:/, (message) => [message, 'no port']],
  [/^this mode needs a /, (message, value) => [`${message} ${modeOf(value)}`]],
  [
    /^set values, notValues or both$/,
    (message, value) => [`${message} ${String((value as { key?: string } | undefined)?.key)}`],
  ],
  // Our message has the beginning of a long value only.
  [/ is no IP address, which resolution STATIC needs$/, (_, value) => [`no IP ${String(value)}`]],
  // With the port written out.
  [/^the port needs a name$/, (message, value) => [`${message} ${portText(value)}`]],
  // The port of a ServiceEntry's endpoint is told by its number.
  [/^the ServiceEntry has no port named /, (_, value) => [`no port ${String(value)}`]],
];

const patchPlace = /^(spec\.configPatches\[\d+\])\.patch\.value/;

/** Of a field that is unknown Istio names the message too, which is by what the patch applies to and where it stands. */
function unknownFieldText(path: string, spec: unknown): string {
  const [value = '', patch = ''] = patchPlace.exec(path) ?? [];
  const { applyTo } = (valueAt(spec, patch) ?? {}) as { applyTo?: string };
  return `${applyTo ?? ''} ${path.slice(value.length).replace(/\[\d+\]/g, '')}`;
}

const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) <= 65_535;

/** Lists of which Istio tells each wrong entry; beside `when`, where it tells one problem for a list. */
const eachEntry: readonly [RegExp, (text: string) => boolean][] = [
  [/ is no IP address or address block$/, isAddress],
  [/^"[^"]*" is no port$/, isPort],
];

/** The texts that istioctl tells of a problem: what they vary by, since equal ones count once. */
export function istioTextsOf({ path, message }: Issue, spec: unknown): string[] {
  const same = alike.find(([pattern]) => pattern.test(message));
  if (same) return [same[1]];
  if (isUnknownField({ message })) return [unknownFieldText(path, spec)];
  const placed = byPlace.find(([pattern]) => pattern.test(message));
  if (placed) return [`${message} ${placed[1].exec(path)?.[0] ?? ''}`];
  const several = severalTexts.find(([pattern]) => pattern.test(message));
  if (several) return several[1](message, valueAt(spec, path));
  const [, isGood] = eachEntry.find(([pattern]) => pattern.test(message)) ?? [];
  if (isGood) {
    if (path.includes('.when[')) return [path];
    const list = valueAt(spec, path);
    if (Array.isArray(list)) return list.map(String).filter((entry) => !isGood(entry));
  }
  if (message.startsWith('without typedConfig')) {
    return [`${message} ${String(valueAt(spec, `${path}.name`) ?? '')}`];
  }
  return [message.replace(/ is (?:neither a DNS label nor a wildcard|no DNS label)$/, '')];
}

const patchValue = /^spec\.configPatches\[\d+\]\.patch\.value/;
const labelProblem = /is no label (?:key|value)$|^the (?:prefix of the )?label (?:key|value) /;

/** Of a patch's value Istio tells the first problem alone: its decoder stops there. */
function firstOfEachPatch(errors: readonly Issue[]): Issue[] {
  const seen = new Set<string>();
  return errors.filter(({ path }) => {
    const place = patchValue.exec(path)?.[0];
    if (place === undefined) return true;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

function errorsOfMtls(errors: readonly Issue[]): Issue[] {
  const isPortProblem = ({ message }: Issue): boolean => message.includes(' is no port: ');
  const first = errors.find(isPortProblem);
  return errors.filter(
    // An empty map is lost on the way from a file to the analysis.
    (error) =>
      error.message !== 'name at least one port' && (error === first || !isPortProblem(error)),
  );
}

const selectorPort = /^spec\.match\[/;

/** Of the matches of an extension Istio tells the first problem alone. */
function firstOfMatches(errors: readonly Issue[]): Issue[] {
  const first = errors.find(({ path }) => selectorPort.test(path));
  return errors.filter((error) => error === first || !selectorPort.test(error.path));
}

/** Istio stops at the first kind of problem of a WorkloadGroup: the template, its labels in one, the probe. */
function firstOfGroup(errors: readonly Issue[]): Issue[] {
  const template = errors.filter(({ message }) => message === 'a template is needed');
  if (template.length > 0) return template;
  const labels = errors.filter(({ message }) => labelProblem.test(message));
  return labels.length > 0 ? labels.slice(0, 1) : [...errors];
}

/** The errors that Istio's analysis tells of a kind: what its webhook says, but for where it stops earlier. */
export function istioErrors(kind: string, errors: readonly Issue[]): Issue[] {
  switch (kind) {
    case 'EnvoyFilter':
      return firstOfEachPatch(errors);
    case 'WasmPlugin':
    case 'TrafficExtension':
      return firstOfMatches(errors);
    case 'WorkloadGroup':
      return firstOfGroup(errors);
    case 'PeerAuthentication':
      return errorsOfMtls(errors);
    default:
      return [...errors];
  }
}

const isUnknownField = ({ message }: Pick<Issue, 'message'>): boolean =>
  message.startsWith('there is no such field here');

/** The same of warnings: of fields that a patch's value does not have Istio tells the first alone. */
export function istioWarnings(warnings: readonly Issue[]): Issue[] {
  const unknown = new Set(firstOfEachPatch(warnings.filter(isUnknownField)));
  return warnings.filter((warning) => !isUnknownField(warning) || unknown.has(warning));
}
