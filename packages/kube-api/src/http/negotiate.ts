import { notAcceptable } from '../status.ts';

export interface MediaType {
  type: string;
  parameters: Record<string, string>;
}

/** What the client wants to get back. */
export interface Accept {
  format: 'json' | 'yaml';
  /** `as` of the chosen media type, with group and version. */
  as: string;
}

export function parseMediaTypes(header: string): MediaType[] {
  return header.split(',').flatMap((part) => {
    const [type, ...parameters] = part.split(';').map((piece) => piece.trim());
    if (type === undefined || type === '') return [];
    const entries = parameters.map((parameter) => {
      const at = parameter.indexOf('=');
      return at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
    });
    return [
      {
        type: type.toLowerCase(),
        parameters: Object.fromEntries(entries) as Record<string, string>,
      },
    ];
  });
}

const plain: Accept = { format: 'json', as: '' };
const recent = new Map<string, Accept>();

/**
 * Chooses the first media type of the Accept header that can be served.
 * @param offered the values of `as` this resource can be shown as, `Kind;group;version`
 * @throws ApiError 406
 */
export function negotiate(header: string | undefined, offered: readonly string[]): Accept {
  if (header === undefined || header === '' || header === 'application/json' || header === '*/*') {
    return plain;
  }
  const key = `${offered.length === 0 ? '' : offered[0]}|${header}`;
  const known = recent.get(key);
  if (known !== undefined) return known;
  const chosen = choose(header, offered);
  if (recent.size > 500) recent.clear();
  recent.set(key, chosen);
  return chosen;
}

function choose(header: string, offered: readonly string[]): Accept {
  for (const { type, parameters } of parseMediaTypes(header)) {
    const format = formatOf(type);
    if (format === undefined) continue;
    const { as, g, v } = parameters;
    if (as === undefined) return { format, as: '' };
    const wanted = `${as};${g ?? ''};${v ?? ''}`;
    if (offered.includes(wanted)) return { format, as };
  }
  throw notAcceptable('application/json, application/yaml');
}

function formatOf(type: string): Accept['format'] | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  if (type === 'application/yaml' || type === 'application/x-yaml') return 'yaml';
  return undefined;
}

/** Views of resources. */
export const objectViews = [
  'Table;meta.k8s.io;v1',
  'Table;meta.k8s.io;v1beta1',
  'PartialObjectMetadata;meta.k8s.io;v1',
  'PartialObjectMetadataList;meta.k8s.io;v1',
] as const;
