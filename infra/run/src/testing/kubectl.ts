import { spawn } from 'node:child_process';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end and gives what it wrote. */
export function run(
  program: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; cwd?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const ran: Ran = { code: null, stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (ran[name] += text));
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ran, code }));
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a program that must end well; throws with its words otherwise. */
export async function must(...args: Parameters<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  if (code === 0) return stdout;
  throw new Error(`${args[0]} ${args[1].join(' ')} ended with ${code}:\n${stderr}${stdout}`);
}

export interface KubeObject {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** kubectl against one cluster. */
export class Kubectl {
  readonly env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.env = env;
  }

  /** Standard output; throws when it fails. */
  do(args: string, input?: string): Promise<string> {
    return must('kubectl', args.split(' '), {
      env: this.env,
      ...(input === undefined ? {} : { input }),
    });
  }

  async get<T extends KubeObject>(args: string): Promise<T[]> {
    const answer = JSON.parse(await this.do(`get ${args} -o json`)) as { items?: T[] } & T;
    return answer.items ?? [answer];
  }

  /** Every object in the cluster that carries a label, as `kind.group/name`, of every kind the server lists. */
  async labelled(label: string): Promise<string[]> {
    const kinds = (await this.do('api-resources --verbs=list -o name')).trim().split('\n');
    const readable = kinds.filter((kind) => !/^events|metrics\.k8s\.io$/.test(kind));
    const text = await this.do(
      `get ${readable.join(',')} -A -l ${label} -o name --ignore-not-found`,
    );
    return text.trim().split('\n').filter(Boolean);
  }
}
