import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { AmbitError } from '../../kernel/errors.ts';

/** Which addresses the platform calls on behalf of its users. */
export interface AddressGuard {
  /** Why an address may not be called; undefined when it may. */
  refusal(address: string): string | undefined;
  /**
   * Addresses of a host that may be called.
   * @throws AmbitError unprocessable when one of them may not be, or there is none
   */
  resolve(host: string): Promise<LookupAddress[]>;
}

/** Special-purpose networks (IANA registries, RFC 6890), and what they are. */
const refused: [network: string, bits: number, what: string][] = [
  ['0.0.0.0', 8, 'this host'],
  ['10.0.0.0', 8, 'a private network'],
  ['100.64.0.0', 10, 'a carrier’s shared network'],
  ['127.0.0.0', 8, 'this machine'],
  ['169.254.0.0', 16, 'link-local, where clouds serve their metadata'],
  ['172.16.0.0', 12, 'a private network'],
  ['192.0.0.0', 24, 'a reserved network'],
  ['192.0.2.0', 24, 'a network of documentation'],
  ['192.88.99.0', 24, 'a reserved network'],
  ['192.168.0.0', 16, 'a private network'],
  ['198.18.0.0', 15, 'a network of benchmarks'],
  ['198.51.100.0', 24, 'a network of documentation'],
  ['203.0.113.0', 24, 'a network of documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'a reserved network'],
  ['::', 96, 'this host, or an embedded IPv4 address'],
  ['::ffff:0:0', 96, 'an embedded IPv4 address'],
  ['64:ff9b::', 96, 'an embedded IPv4 address'],
  ['64:ff9b:1::', 48, 'an embedded IPv4 address'],
  ['100::', 64, 'a network that discards'],
  ['2001::', 23, 'a reserved network'],
  ['2001:db8::', 32, 'a network of documentation'],
  ['2002::', 16, 'an embedded IPv4 address'],
  ['fc00::', 7, 'a private network'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'a private network'],
  ['ff00::', 8, 'multicast'],
];

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

const lists = refused.map(([network, bits, what]) => {
  const list = new BlockList();
  list.addSubnet(network, bits, family(network));
  return { list, what, isV6: family(network) === 'ipv6' };
});

/**
 * @param allowed networks (`10.0.0.0/8`) and addresses that the operator lets through although they are special
 * @throws Error for a text that is neither
 */
export function addressGuard(allowed: readonly string[] = []): AddressGuard {
  const through = new BlockList();
  for (const entry of allowed) {
    const [address = '', bits] = entry.split('/');
    if (isIP(address) === 0) throw new Error(`"${entry}" is neither an address nor a network`);
    if (bits === undefined) through.addAddress(address, family(address));
    else through.addSubnet(address, Number(bits), family(address));
  }
  const refusal = (address: string): string | undefined => {
    if (isIP(address) === 0) return 'it is no IP address';
    if (through.check(address, family(address))) return undefined;
    // BlockList compares an IPv4-mapped address with IPv4 networks as well; its own kind is checked here.
    const isV6 = family(address) === 'ipv6';
    return lists.find((each) => each.isV6 === isV6 && each.list.check(address, family(address)))
      ?.what;
  };
  return {
    refusal,
    async resolve(host) {
      const bare = host.replace(/^\[(.*)\]$/, '$1');
      const found = isIP(bare) > 0 ? [{ address: bare, family: isIP(bare) }] : await look(bare);
      for (const { address } of found) {
        const what = refusal(address);
        if (what !== undefined) {
          throw new AmbitError(
            'unprocessable',
            `${host} is ${address}: ${what}, which is not called`,
            { fix: 'use a public address, or let the operator add it to AMBIT_ALERT_ALLOW' },
          );
        }
      }
      return found;
    },
  };
}

const look = (host: string): Promise<LookupAddress[]> =>
  new Promise((done, fail) => {
    resolve(host, { all: true }, (error, addresses) => {
      if (!error && addresses.length > 0) done(addresses);
      else fail(new Error(`the host ${host} is not known`, { cause: error }));
    });
  });
