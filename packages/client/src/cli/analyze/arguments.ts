import { UsageError } from '../usage-error.ts';

export const usage = `ambit analyze [FILE|DIR|-]... [flags]

Says what is wrong with the Istio, Gateway API and Kubernetes objects in the files, before anything is applied:
YAML or JSON, several documents, Lists; "-" is the standard input, a folder is read with all below it. No server
and no cluster is asked. Every rule runs, on the Pods, Services, Namespaces, Nodes and Secrets of the files too.

With --mesh a platform is asked: with files, what they would bring about in that mesh if they were applied (nothing
is); without, what its diagnosis finds there now.

  -o, --output FORMAT        table (usual), json, sarif or github
      --fail-on SEVERITY     ends with 1 from this severity on: error (usual), warning, info or never
  -n, --namespace NAME       only findings of this namespace and of cluster-scoped objects
  -A, --all-namespaces       findings of all namespaces (usual)
  -S, --suppress CODE=WHAT   leaves out findings of the code on resources named "Kind name.namespace"; * is any text
      --mesh-config FILE     the mesh configuration, instead of the ConfigMap istio-system/istio among the files
      --mesh-networks FILE   the mesh networks
      --certificate-days N   tells of certificates that are valid for fewer days (30; a mesh has its own number)
      --mesh MESH            a mesh of the platform, by name or id
      --url, --token         the platform, instead of AMBIT_URL, AMBIT_TOKEN or the context
      --parity istioctl      exactly what Istio's own analysis finds in these files, and nothing else

Objects suppress findings on themselves by annotation: galley.istio.io/analyze-suppress: "IST0101,IST0102" or "*",
and ambit.dev/suppress: "IST0101 until 2027-06-30: the service comes later; KIA0601".

Ends with 0 when nothing was found (from --fail-on on), 1 when something was, 2 when the command is not understood.
`;

export const formats = ['table', 'json', 'sarif', 'github'] as const;
export type Format = (typeof formats)[number];

const severities = ['error', 'warning', 'info', 'never'] as const;

export type Arguments = {
  files: string[];
  format: Format;
  failOn: (typeof severities)[number];
  namespace: string | undefined;
  suppress: { code: string; resource: string }[];
  meshConfig: string | undefined;
  meshNetworks: string | undefined;
  certificateDays: number | undefined;
  isParity: boolean;
  mesh: string | undefined;
  url: string | undefined;
  token: string | undefined;
};

/** As for a mesh. */
const mostCertificateDays = 730;
const help = 'See ambit analyze --help.';

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) {
    throw new UsageError(`${flag} cannot be "${value}"`, `It is one of ${known.join(', ')}.`);
  }
  return found;
}

/** @throws UsageError */
function days(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= mostCertificateDays) return number;
  throw new UsageError(
    `--certificate-days cannot be "${value}"`,
    `It is a number of days from 1 to ${mostCertificateDays}.`,
  );
}

/** `IST0101=Kind name.namespace` as istioctl writes it, or with `Kind namespace/name`. */
function suppression(value: string): { code: string; resource: string } {
  const at = value.indexOf('=');
  const [code, resource] = [value.slice(0, at), value.slice(at + 1)];
  if (at < 1 || resource === '') {
    throw new UsageError(
      `--suppress cannot be "${value}"`,
      'Write it like IST0102=Namespace default, or IST0101=VirtualService *.shop.',
    );
  }
  return { code, resource };
}

/** Whether the command line names a mesh: then the platform is asked. */
export function namesMesh(args: readonly string[]): boolean {
  return args.some((word) => word === '--mesh' || word.startsWith('--mesh='));
}

/** Reads the command line. Throws UsageError. */
export function readArguments(args: readonly string[]): Arguments {
  const found: Arguments = {
    files: [],
    format: 'table',
    failOn: 'error',
    namespace: undefined,
    suppress: [],
    meshConfig: undefined,
    meshNetworks: undefined,
    certificateDays: undefined,
    isParity: false,
    mesh: undefined,
    url: undefined,
    token: undefined,
  };
  const rest = args.flatMap((word) => (/^--[\w-]+=/.test(word) ? word.split(/=(.*)/s, 2) : [word]));
  const value = (flag: string): string => {
    const next = rest.shift();
    if (next === undefined) throw new UsageError(`${flag} needs a value`, help);
    return next;
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    switch (word) {
      case '-o':
      case '--output':
        found.format = oneOf(word, value(word), formats);
        break;
      case '--fail-on':
        found.failOn = oneOf(word, value(word), severities);
        break;
      case '-n':
      case '--namespace':
        found.namespace = value(word);
        break;
      case '-A':
      case '--all-namespaces':
        found.namespace = undefined;
        break;
      case '-S':
      case '--suppress':
        found.suppress.push(suppression(value(word)));
        break;
      case '--mesh-config':
        found.meshConfig = value(word);
        break;
      case '--mesh-networks':
        found.meshNetworks = value(word);
        break;
      case '--certificate-days':
        found.certificateDays = days(value(word));
        break;
      case '--mesh':
        found.mesh = value(word);
        break;
      case '--url':
        found.url = value(word);
        break;
      case '--token':
        found.token = value(word);
        break;
      case '--parity':
        oneOf(word, value(word), ['istioctl']);
        found.isParity = true;
        break;
      case '-f':
      case '--filename':
        found.files.push(value(word));
        break;
      default:
        if (word.startsWith('-') && word !== '-') {
          throw new UsageError(`there is no flag "${word}"`, help);
        }
        found.files.push(word);
    }
  }
  const ofFiles =
    found.isParity ||
    found.meshConfig !== undefined ||
    found.meshNetworks !== undefined ||
    found.certificateDays !== undefined;
  if (found.mesh !== undefined && ofFiles) {
    throw new UsageError(
      '--mesh cannot be combined with --parity, --mesh-config, --mesh-networks and --certificate-days',
      'A mesh has its own configuration; leave out one or the other.',
    );
  }
  if (found.files.length === 0 && found.mesh === undefined) {
    throw new UsageError('name at least one file, folder or "-" to analyze', help);
  }
  return found;
}
