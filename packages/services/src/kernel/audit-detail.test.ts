import { expect, it } from 'vitest';
import { auditDetail, withoutSecrets } from './audit-detail.ts';

it('replaces secrets wherever they stand and cuts long texts', () => {
  const detail = auditDetail({
    name: 'x',
    token: 's3cret',
    join: { commands: { kubectl: 'kubectl … s3cret' }, list: [{ password: 's3cret' }] },
    yaml: 'y'.repeat(9_000),
  });
  expect(JSON.stringify(detail)).not.toContain('s3cret');
  expect(String(detail.yaml).length).toBeLessThan(4_100);
  expect(detail.name).toBe('x');
});

it('keeps of an address only where it leads', () => {
  const target = { url: 'https://hooks.example.com/T0/s3cret?key=s3cret' };
  expect(auditDetail({ target })).toEqual({ target: { url: 'https://hooks.example.com/…' } });
  expect(withoutSecrets({ target })).toEqual({ target });
});

it('keeps the shape of a kept output whole', () => {
  const output = {
    cluster: { id: 'c' },
    yaml: 'y'.repeat(9_000),
    secret: 's3cret',
    token: { id: 1 },
  };
  expect(withoutSecrets(output)).toEqual({ ...output, secret: '(shown once)' });
});

it('hides the value of a header that is secret', () => {
  const headers = [
    { name: 'x-key', value: 's3cret', secret: true },
    { name: 'x-scope-orgid', value: 'shop', secret: false },
  ];
  expect(auditDetail({ headers })).toEqual({
    headers: [{ ...headers[0], value: '(shown once)' }, headers[1]],
  });
});
