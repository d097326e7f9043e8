import { shopVersions } from '../shop/services.ts';
import { sandboxVersions } from '../releases/versions.ts';
import { imageHub } from '../simulated.ts';

const knownTags = new Set<string>([...sandboxVersions, ...shopVersions]);
const telling = /broken|does-not-exist|not-found/;

/**
 * Why an image cannot be "pulled", or null when it can. Tags of the sandbox's own registry have to be known; of
 * other registries everything is taken, unless the tag itself says that it is meant to fail.
 */
export function pullProblem(image: string): string | null {
  const { registry, tag } = parseImage(image);
  const unknown = registry === imageHub && !knownTags.has(tag);
  if (!unknown && !telling.test(tag)) return null;
  return `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found (simulated)`;
}

export function parseImage(image: string): { registry: string; name: string; tag: string } {
  const [path = ''] = image.split('@');
  const slash = path.lastIndexOf('/');
  const colon = path.indexOf(':', slash + 1);
  const name = colon < 0 ? path : path.slice(0, colon);
  const first = path.split('/')[0]!;
  const registry = slash >= 0 && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
  return { registry, name, tag: colon < 0 ? 'latest' : path.slice(colon + 1) };
}
