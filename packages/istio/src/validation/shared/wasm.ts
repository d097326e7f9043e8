import type { TypePortSelector, VmConfig } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { parseGoUrl } from './go-url.ts';
import { byteLength, show } from './json.ts';
import { portProblem } from './port.ts';

const schemes = ['', 'file', 'http', 'https', 'oci'];

function urlProblem(url: string): string | undefined {
  if (url === '') return 'a url is needed';
  const asRequest = parseGoUrl(url, true);
  const written = asRequest ? url : `http://${url}`;
  const found = asRequest ?? parseGoUrl(written, true);
  if (!found || !parseGoUrl(written)) return `${show(url)} is no URL`;
  return schemes.includes(found.scheme)
    ? undefined
    : `${show(found.scheme)} is not supported; use oci://, https://, http:// or file://`;
}

function environmentProblem(vm: VmConfig | undefined): [string, string] | undefined {
  const names = new Set<string>();
  for (const [index, { name = '', value, valueFrom = 'INLINE' }] of (vm?.env ?? []).entries()) {
    const at = `.env[${index}]`;
    if (name === '') return [at, 'the variable needs a name'];
    if (byteLength(name) > 256) return [at, 'the name is longer than 256 bytes'];
    if (names.has(name)) return [at, `${show(name)} is set twice`];
    if (valueFrom !== 'INLINE' && value)
      return [at, 'a value is possible only with valueFrom INLINE'];
    names.add(name);
  }
  return undefined;
}

type Wasm = {
  url?: string;
  sha256?: string;
  imagePullSecret?: string;
  pluginName?: string;
  vmConfig?: VmConfig;
};

/** A WebAssembly module: where it is from and how it is run. */
export function checkWasm(report: Report, path: string, wasm: Wasm): void {
  report.need(`${path}.url`, urlProblem(wasm.url ?? ''));
  if (wasm.sha256 && !/^[0-9a-f]{64}$/.test(wasm.sha256)) {
    report.error(`${path}.sha256`, 'must be 64 hexadecimal digits in lower case');
  }
  if (byteLength(wasm.imagePullSecret ?? '') > 253) {
    report.error(`${path}.imagePullSecret`, 'is longer than 253 bytes');
  }
  if (byteLength(wasm.pluginName ?? '') > 256) {
    report.error(`${path}.pluginName`, 'is longer than 256 bytes');
  }
  const problem = environmentProblem(wasm.vmConfig);
  if (problem) report.error(`${path}.vmConfig${problem[0]}`, problem[1]);
}

/** The ports an extension is applied to. */
export function checkTrafficSelectors(
  report: Report,
  path: string,
  selectors: { ports?: TypePortSelector[] }[] | undefined,
): void {
  for (const [index, { ports }] of (selectors ?? []).entries()) {
    for (const [portIndex, { number }] of (ports ?? []).entries()) {
      report.need(`${path}[${index}].ports[${portIndex}].number`, portProblem(number));
    }
  }
}
