import { expect, it } from 'vitest';
import { envoyCertificates, ztunnelCertificates } from './held-certificates.ts';

const nowMs = Date.UTC(2026, 10, 25, 12);
const at = (hours: number) => new Date(nowMs + hours * 3_600_000).toISOString();
const own = (fromH: number, untilH: number) => ({
  serial_number: '7',
  subject_alt_names: [{ uri: 'spiffe://cluster.local/ns/shop/sa/cart' }],
  days_until_expiration: '0',
  valid_from: at(fromH),
  expiration_time: at(untilH),
});

it.each([
  ['new', -1, 23, 'valid'],
  ['past half of its life, as it is renewed then', -13, 11, 'valid'],
  ['almost at its end, so it was not renewed', -20, 4, 'late'],
  ['over', -25, -1, 'expired'],
  ['of the future, as by a clock that is wrong', 1, 25, 'notYetValid'],
] as const)("a proxy's certificate that is %s", (_what, fromH, untilH, state) => {
  const answer = { certificates: [{ ca_cert: [], cert_chain: [own(fromH, untilH)] }] };
  expect(envoyCertificates(answer, nowMs)).toMatchObject([
    { use: 'workload', names: ['spiffe://cluster.local/ns/shop/sa/cart'], serial: '7', state },
  ]);
  const dump = {
    certificates: [
      {
        identity: 'spiffe://cluster.local/ns/shop/sa/cart',
        state: 'Available',
        certChain: [{ serialNumber: '7', validFrom: at(fromH), expirationTime: at(untilH) }],
      },
    ],
  };
  expect(ztunnelCertificates(dump, nowMs)).toMatchObject([{ use: 'workload', state }]);
});

it('each certificate is told once, its own before whom it trusts; a root that ends soon is not late', () => {
  const root = { serial_number: '1', subject_alt_names: [], valid_from: at(-1_000) };
  const answer = {
    certificates: [1, 2].map(() => ({
      ca_cert: [{ ...root, expiration_time: at(5) }],
      cert_chain: [own(-1, 23)],
    })),
  };
  expect(envoyCertificates(answer, nowMs).map(({ use, state }) => `${use} ${state}`)).toEqual([
    'workload valid',
    'trusted valid',
  ]);
});

it('what is no answer of a proxy holds none', () => {
  for (const odd of [null, 7, [], {}, { certificates: 'x' }, { certificates: [null, {}] }]) {
    expect(envoyCertificates(odd, nowMs)).toEqual([]);
    expect(ztunnelCertificates(odd, nowMs)).toEqual([]);
  }
  expect(
    ztunnelCertificates({ certificates: [{ identity: 'spiffe://a', certChain: [] }] }, nowMs),
  ).toMatchObject([{ names: ['spiffe://a'], state: 'unknown' }]);
});
