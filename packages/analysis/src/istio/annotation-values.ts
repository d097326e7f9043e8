import { isCidr } from '@ambit/istio/validation/shared/ip';
import { hasControl } from '@ambit/istio/validation/shared/json';
import { proxyConfigProblem } from './proxy-config.ts';

type Check = (value: string) => string | undefined;

const quote = (text: string): string => JSON.stringify(text);

const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) <= 65_535;

const port: Check = (value) =>
  isPort(value.trim()) ? undefined : `${quote(value)} is no port (0 to 65535)`;

const ports: Check = (value) => {
  if (value.trim() === '') return undefined;
  const wrong = value.split(',').find((item) => !isPort(item.trim()));
  return wrong === undefined ? undefined : `${quote(wrong)} is no port (0 to 65535)`;
};

const ranges: Check = (value) => {
  if (value === '') return undefined;
  const wrong = value.split(',').find((item) => !isCidr(item));
  return wrong === undefined
    ? undefined
    : `${quote(wrong)} is no address range like 10.0.0.0/8 (no spaces between ranges)`;
};

const orAll =
  (check: Check): Check =>
  (value) =>
    value === '*' ? undefined : check(value);

const number: Check = (value) =>
  /^\d+$/.test(value) && Number(value) <= 0xffff_ffff
    ? undefined
    : `${quote(value)} is no whole number from 0 to 4294967295`;

const booleans = new Set('1 t T TRUE true True 0 f F FALSE false False'.split(' '));

const boolean: Check = (value) =>
  booleans.has(value) ? undefined : `${quote(value)} is neither "true" nor "false"`;

const quantityForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[EPTGMk]|[EPTGMK]i|[num]|[eE][+-]?\d+)?$/;

/** A quantity of Kubernetes, like 100m or 1.5Gi. */
const quantity: Check = (value) => {
  if (hasControl(value)) return 'it has control characters';
  return quantityForm.test(value)
    ? undefined
    : `${quote(value)} is no quantity like 100m, 1.5 or 128Mi`;
};

const modes = new Set(['REDIRECT', 'TPROXY', 'NONE']);

const mode: Check = (value) =>
  modes.has(value) ? undefined : `${quote(value)} is none of REDIRECT, TPROXY and NONE`;

const interfaceName = /^[a-zA-Z][a-zA-Z0-9_.-]{0,14}$/;

const interfaces: Check = (value) => {
  if (value === '') return undefined;
  const wrong = value.split(',').find((item) => !interfaceName.test(item.trim()));
  return wrong === undefined
    ? undefined
    : `${quote(wrong)} is no interface name (a letter, then letters, digits, "_", "." and "-"; at most 15)`;
};

/** What the sidecar injector of Istio checks (`AnnotationValidation`). */
const checks: Readonly<Record<string, Check>> = {
  'sidecar.istio.io/interceptionMode': mode,
  'status.sidecar.istio.io/port': port,
  'readiness.status.sidecar.istio.io/initialDelaySeconds': number,
  'readiness.status.sidecar.istio.io/periodSeconds': number,
  'readiness.status.sidecar.istio.io/failureThreshold': number,
  'traffic.sidecar.istio.io/includeOutboundIPRanges': orAll(ranges),
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': ranges,
  'traffic.sidecar.istio.io/includeInboundPorts': orAll(ports),
  'traffic.sidecar.istio.io/excludeInboundPorts': ports,
  'traffic.sidecar.istio.io/excludeOutboundPorts': ports,
  'traffic.sidecar.istio.io/excludeInterfaces': interfaces,
  'traffic.sidecar.istio.io/kubevirtInterfaces': interfaces,
  'istio.io/reroute-virtual-interfaces': interfaces,
  'prometheus.istio.io/merge-metrics': boolean,
  'proxy.istio.io/config': proxyConfigProblem,
  'sidecar.istio.io/proxyCPU': quantity,
  'sidecar.istio.io/proxyMemory': quantity,
  'sidecar.istio.io/proxyCPULimit': quantity,
  'sidecar.istio.io/proxyMemoryLimit': quantity,
};

/** Why the injector refuses the value of an annotation; undefined when it takes it, or does not look. */
export function annotationProblem(name: string, value: string): string | undefined {
  return checks[name]?.(value);
}
