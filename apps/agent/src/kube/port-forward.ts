import { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import type { KubeConfig } from './config.ts';

/** The API server, or the kubelet, does not forward ports to who asks. `status` is 0 when it never answered. */
export class CannotForward extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const protocol = 'v4.channel.k8s.io';
const data = 0;
/** Each channel begins with the port, in two bytes. */
const headBytes = 2;

/**
 * A connection to a port of a pod, the loopback device's too, through the API server and the kubelet (`kubectl
 * port-forward`; Kubernetes API, pods/portforward over WebSocket).
 * @throws CannotForward
 */
export async function forwardPort(
  config: KubeConfig,
  { namespace, pod, port }: { namespace: string; pod: string; port: number },
  signal: AbortSignal,
): Promise<Duplex> {
  const url = new URL(
    `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`,
    config.server,
  );
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const token = await config.token();
  const socket = new WebSocket(url, [protocol], {
    ...config.tls,
    handshakeTimeout: 10_000,
    perMessageDeflate: false,
    headers: {
      'user-agent': 'ambit-agent',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
  });
  const heads = [headBytes, headBytes];
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) =>
      socket.send(Buffer.concat([Buffer.of(data), chunk]), { binary: true }, (error) =>
        done(error ?? null),
      ),
    final: (done) => done(),
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  // What goes wrong is told by `errored` too, whoever listens: an error that nobody hears would end the agent.
  stream.on('error', () => {});
  socket.on('message', (message: RawData) => {
    const bytes = Buffer.isBuffer(message) ? message : Buffer.concat([message].flat() as Buffer[]);
    const channel = bytes[0];
    if (channel === undefined) return;
    const skip = Math.min(heads[channel] ?? 0, bytes.length - 1);
    heads[channel] = (heads[channel] ?? 0) - skip;
    const rest = bytes.subarray(1 + skip);
    if (rest.length === 0) return;
    if (channel === data) {
      if (!stream.push(rest)) socket.pause();
    } else stream.destroy(new CannotForward(0, rest.toString('utf8').slice(0, 500)));
  });
  socket.on('close', () => stream.push(null));
  const stop = () => stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', stop));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_request, answer) => {
      answer.resume();
      reject(
        new CannotForward(
          answer.statusCode ?? 0,
          `the API server answered ${answer.statusCode} to port-forward`,
        ),
      );
      stream.destroy();
    });
    socket.on('error', (error) => {
      reject(
        new CannotForward(0, `cannot forward a port of ${namespace}/${pod}: ${error.message}`),
      );
      stream.destroy(error);
    });
  });
  return stream;
}
