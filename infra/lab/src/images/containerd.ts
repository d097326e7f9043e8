import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../run.ts';
import { imageHub } from '../versions.ts';

/** containerd's socket, as seen inside a node, where /run is its own. */
export const containerdSocket = '/run/containerd/containerd.sock';

export const pauseImage = `${imageHub}/pause:1`;

/**
 * containerd's configuration for a root folder. `restrict_oom_score_adj` is for a root user without
 * CAP_SYS_RESOURCE: runc could not lower an oom score there, and every sandbox would fail.
 */
export function containerdConfig(root: string, cniFolder = '/etc/cni/net.d'): string {
  return `version = 2
root = "${root}"
state = "/run/containerd"

[grpc]
  address = "${containerdSocket}"

[plugins."io.containerd.internal.v1.opt"]
  path = "/run/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "${pauseImage}"

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "${cniFolder}"

  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

/** Imports an archive with a containerd that lives for this alone, in mounts and processes of its own. */
const unpackScript = `set -euo pipefail
mount -t tmpfs tmpfs /run
containerd --config "$1" > "$2" 2>&1 &
ctr="ctr --address ${containerdSocket} --namespace k8s.io"
for _ in $(seq 300); do $ctr version > /dev/null 2>&1 && break; sleep 0.1; done
$ctr images import "$3" > /dev/null
kill %1
wait
`;

/** Unpacks a docker-archive into a containerd root folder, which appears only when it is whole. */
export async function unpackImages(archive: string, store: string): Promise<void> {
  const unfinished = `${store}.unfinished`;
  const config = `${store}.toml`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  // containerd makes the CNI folder when it is missing: here it must not do so on the host.
  writeFileSync(config, containerdConfig(unfinished, '/run/cni'));
  const namespaces = ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const script = ['bash', '-c', unpackScript, 'unpack', config, `${store}.log`, archive];
  await must('unshare', [...namespaces, ...script]);
  rmSync(config);
  renameSync(unfinished, store);
}

/**
 * Makes a lab's own containerd root out of a store, in a moment: layers and blobs are never written to and become
 * hard links, the databases are copied.
 */
export async function cloneStore(store: string, root: string): Promise<void> {
  mkdirSync(root, { recursive: true });
  await must('cp', ['--archive', '--link', `${store}/.`, root]);
  const databases = await must('find', ['.', '-name', '*.db'], { cwd: store });
  for (const file of databases.split('\n').filter(Boolean)) {
    rmSync(join(root, file));
    await must('cp', ['--archive', join(store, file), join(root, file)]);
  }
}
