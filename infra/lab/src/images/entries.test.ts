import { describe, expect, test } from 'vitest';
import { bootstrapWithoutMetadataDiscovery, libraryEntries, orderEntries } from './entries.ts';

describe('ordered entries', () => {
  test('gain the folders they need, and a later entry replaces an earlier one', () => {
    const ordered = orderEntries([
      { path: 'a/b/c', text: 'old' },
      { path: 'a/b/c', text: 'new' },
    ]);
    expect(ordered.map(({ path }) => path)).toEqual(['a', 'a/b', 'a/b/c']);
    expect(ordered.at(-1)).toMatchObject({ text: 'new' });
  });

  test('keep the mode of a folder that was named', () => {
    const ordered = orderEntries([
      { path: 'tmp', folder: true, mode: 0o1777 },
      { path: 'tmp/file', text: '' },
    ]);
    expect(ordered[0]).toEqual({ path: 'tmp', folder: true, mode: 0o1777 });
  });
});

describe("Istio's bootstrap template", () => {
  const block = '{{- if .metadata_discovery }}\n    {"name": "istio"}\n    {{- end }}';

  test('loses its metadata_discovery block and nothing else', () => {
    expect(bootstrapWithoutMetadataDiscovery(`before\n${block}\nafter`)).toBe('before\n\nafter');
  });

  test('is refused when the block is not there, instead of being passed on unchanged', () => {
    expect(() => bootstrapWithoutMetadataDiscovery('{}')).toThrow('no metadata_discovery block');
  });
});

test.runIf(process.platform === 'linux')(
  'the libraries of a dynamic program include its loader',
  async () => {
    const entries = await libraryEntries([process.execPath]);
    const paths = entries.map(({ path }) => path);
    expect(paths.some((path) => path.includes('ld-linux'))).toBe(true);
    expect(paths.some((path) => path.includes('libc.so'))).toBe(true);
  },
);
