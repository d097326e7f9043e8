import type { Reporter } from '@ambit/topology/model';
import type { LabelOf } from '@ambit/topology/store/registry';
import type { TelemetryStore } from '@ambit/topology/store/telemetry-store';
import type { Query } from './queries.ts';
import { createSections, type Sections } from './sections.ts';

/** What a row of an answer is about. */
export interface Identified {
  /** Number in the store; -1 when it is dropped. */
  series: number;
  sourceNamespace: string;
  reporter: Reporter | null;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const letterD = 0x64;
const letterS = 0x73;

type Labels = Map<string, string>;

export interface Identities {
  /** Walks the labels of a row. @returns a hash of them; null for what is no list of labels */
  read(bytes: Buffer, from: number, to: number): number | null;
  /** The series of the row that was read last. */
  identify(query: Query, bytes: Buffer): Identified;
}

/**
 * Finds the series of labels that were not seen before. Istio's labels fall in three parts, and sorted by
 * name each is a stretch of bytes: who was asked (`destination_…`), who asked (`source_…`), and how. A mesh
 * has few of each and many combinations, so only the parts are read as JSON, and only once.
 */
export function createIdentities(store: TelemetryStore): Identities {
  const { registry } = store;
  const sources = createSections<Source>();
  const destinations = createSections<Destination>();
  const manners = new Map<Query['constants'], Sections<Manner>>();
  const scan = createScan();

  const makeSource = (text: string): Source => {
    const labels = readLabels(text);
    return {
      endpoint: registry.endpoint('source', (name) => labels.get(name)),
      cluster: labels.get('source_cluster') ?? '',
      namespace: labels.get('source_workload_namespace') ?? '',
    };
  };
  const makeDestination = (text: string): Destination => {
    const labels = readLabels(text);
    const cluster = labels.get('destination_cluster') ?? '';
    return { labels, lacksCluster: cluster === '' || cluster === 'unknown', byCluster: new Map() };
  };
  const makeManner =
    (constants: Query['constants']) =>
    (text: string): Manner => {
      const labels = readLabels(text);
      const bound = labels.get('le');
      return {
        facet: registry.facet((name) => labels.get(name) ?? constants[name]),
        boundMs: bound === undefined ? undefined : bound === '+Inf' ? Infinity : Number(bound),
      };
    };
  const placeOf = ({ labels, lacksCluster, byCluster }: Destination, source: Source): Place => {
    const cluster = lacksCluster ? source.cluster : '';
    let found = byCluster.get(cluster);
    if (found === undefined) {
      const label: LabelOf = (name) => (name === 'source_cluster' ? cluster : labels.get(name));
      found = {
        endpoint: registry.endpoint('destination', label),
        service: registry.service(label),
      };
      byCluster.set(cluster, found);
    }
    return found;
  };
  const mannersOf = ({ constants }: Query): Sections<Manner> => {
    let found = manners.get(constants);
    if (found === undefined) manners.set(constants, (found = createSections()));
    return found;
  };

  return {
    read: (bytes, from, to) => {
      if (!scan.run(bytes, from, to)) return null;
      return scan.hash();
    },
    identify: (query, bytes) => {
      const { source: who, destination: asked } = scan;
      const source = sources.of(bytes, who.from, who.to, who.hash, makeSource);
      const destination = destinations.of(bytes, asked.from, asked.to, asked.hash, makeDestination);
      const manner = scan.manner(bytes);
      const how = mannersOf(query).of(
        manner.bytes,
        0,
        manner.bytes.length,
        manner.hash,
        makeManner(query.constants),
      );
      const { endpoint, service } = placeOf(destination, source);
      const { facet, boundMs } = how;
      return {
        series: store.series(query.metric, source.endpoint, service, endpoint, facet, boundMs),
        sourceNamespace: source.namespace,
        reporter: registry.facets[facet]?.reporter ?? null,
      };
    },
  };
}

interface Source {
  endpoint: number;
  cluster: string;
  namespace: string;
}

interface Place {
  endpoint: number;
  service: number;
}

interface Destination {
  labels: Labels;
  /** It does not say its cluster, which is then the caller's. */
  lacksCluster: boolean;
  byCluster: Map<string, Place>;
}

interface Manner {
  facet: number;
  boundMs: number | undefined;
}

/** A stretch of a row, and a hash of it. */
interface Stretch {
  from: number;
  to: number;
  hash: number;
}

interface Scan {
  /** False for what is no list of labels. */
  run(bytes: Buffer, from: number, to: number): boolean;
  source: Stretch;
  destination: Stretch;
  hash(): number;
  /** All that is in neither. */
  manner(bytes: Buffer): { bytes: Buffer; hash: number };
}

/** Walks the labels of a row once, and says where their three parts are. Its result is good until the next row. */
function createScan(): Scan {
  const source: Stretch = { from: 0, to: 0, hash: 0 };
  const destination: Stretch = { from: 0, to: 0, hash: 0 };
  const scratch = Buffer.alloc(64 * 1024);
  const rests: number[] = [];
  let restHash = 0;
  return {
    hash: () => Math.imul(source.hash, 31) ^ Math.imul(destination.hash, 17) ^ restHash,
    source,
    destination,
    run: (bytes, from, to) => {
      let at = from;
      source.from = source.to = destination.from = destination.to = from;
      source.hash = destination.hash = restHash = 0;
      rests.length = 0;
      while (at < to) {
        if (bytes[at] !== quote) return false;
        const begin = at;
        const letter = bytes[at + 1];
        const stretch = letter === letterS ? source : letter === letterD ? destination : null;
        let hash = stretch === null ? restHash : stretch.hash;
        let quotes = 0;
        do {
          const byte = bytes[at++]!;
          hash = Math.imul(hash ^ byte, 0x01000193);
          if (byte === quote) quotes++;
          else if (byte === backslash) hash = Math.imul(hash ^ bytes[at++]!, 0x01000193);
        } while (quotes < 4 && at < to);
        if (quotes < 4 || at > to || (at < to && bytes[at] !== comma)) return false;
        if (stretch === null) {
          rests.push(begin, at);
          restHash = hash;
        } else {
          if (stretch.from === stretch.to) stretch.from = begin;
          stretch.to = at;
          stretch.hash = hash;
        }
        at++;
      }
      return true;
    },
    manner: (bytes) => {
      let used = 0;
      for (let rest = 0; rest < rests.length; rest += 2) {
        if (used > 0) scratch[used++] = comma;
        const end = rests[rest + 1]!;
        for (let at = rests[rest]!; at < end; at++) scratch[used++] = bytes[at]!;
      }
      return { bytes: scratch.subarray(0, used), hash: restHash };
    },
  };
}

/** Reads labels that were kept as bytes in a text. Not readable: none. */
export function readLabels(text: string): Labels {
  try {
    const json = Buffer.from(`{${text}}`, 'latin1').toString('utf8');
    const found = JSON.parse(json) as Record<string, unknown>;
    return new Map(Object.entries(found).map(([name, value]) => [name, String(value)]));
  } catch {
    return new Map();
  }
}
