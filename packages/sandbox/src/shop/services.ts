export const shopNamespace = 'shop';
/** Tags of the shop's images. */
export const shopVersions = ['v1', 'v2'] as const;

export interface Call {
  /** Service that is called. */
  to: string;
  /** Calls for each request the caller gets. */
  perRequest: number;
  method: string;
  path: string;
}

export interface ShopService {
  name: string;
  protocol: 'http' | 'grpc' | 'tcp';
  port: number;
  /** Version and pods of each of its Deployments. */
  versions: { version: string; replicas: number }[];
  /** Its own work, in milliseconds: the middle of what it takes. */
  workMs: number;
  /** Share of requests it fails by itself, from 0 to 1. */
  failing: number;
  calls: Call[];
}

const service = (
  name: string,
  more: Partial<Omit<ShopService, 'name'>> & Pick<ShopService, 'workMs'>,
): ShopService => ({
  name,
  protocol: 'http',
  port: 8080,
  versions: [{ version: 'v1', replicas: 1 }],
  failing: 0,
  calls: [],
  ...more,
});

const call = (to: string, perRequest: number, path: string, method = 'GET'): Call => ({
  to,
  perRequest,
  path,
  method,
});

/** The simulated shop: who calls whom, how long each takes, and what fails. */
export const shopServices: readonly ShopService[] = [
  service('front', {
    versions: [{ version: 'v1', replicas: 2 }],
    workMs: 4,
    calls: [
      call('catalogue', 1, '/products'),
      call('currency', 1, '/shop.Currency/Convert', 'POST'),
      call('recommendations', 0.5, '/recommendations'),
      call('cart', 0.4, '/cart'),
      call('checkout', 0.1, '/checkout', 'POST'),
    ],
  }),
  service('cart', { workMs: 6, calls: [call('catalogue', 0.5, '/products/1')] }),
  service('catalogue', {
    versions: [
      { version: 'v1', replicas: 1 },
      { version: 'v2', replicas: 1 },
    ],
    workMs: 8,
    calls: [call('orders-db', 0.2, '')],
  }),
  service('checkout', {
    workMs: 12,
    calls: [
      call('cart', 1, '/cart'),
      call('payment', 1, '/charge', 'POST'),
      call('shipping', 1, '/quote', 'POST'),
      call('currency', 1, '/shop.Currency/Convert', 'POST'),
      call('orders-db', 1, ''),
      call('mail', 1, '/confirm', 'POST'),
    ],
  }),
  service('payment', { workMs: 35, failing: 0.03 }),
  service('recommendations', {
    versions: [
      { version: 'v1', replicas: 1 },
      { version: 'v2', replicas: 1 },
    ],
    workMs: 450,
    calls: [call('catalogue', 1, '/products')],
  }),
  service('currency', { protocol: 'grpc', port: 7000, workMs: 2 }),
  service('shipping', { workMs: 15 }),
  service('orders-db', { protocol: 'tcp', port: 5432, workMs: 3 }),
  service('mail', { workMs: 20 }),
];

/** Requests that come to the front from outside, each second. */
export const visitorsPerSecond = 8;
/** The workload that stands for the visitors. */
export const visitors = 'visitors';
