import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Doorkeeper } from './plan-sleep.ts';

/** What one connection and all of them may take: beyond it they are closed, which the caller sees at once. */
export const activatorLimits = {
  held: 2_000,
  heldPerWaypoint: 1_000,
  carried: 10_000,
  /** Until the caller says something. */
  greetingMs: 10_000,
  /** Until a replica is ready. */
  holdMs: 60_000,
  /** A door that is gone goes on taking connections in: not all callers know yet. */
  lingerMs: 60_000,
  dials: 10,
  dialAgainMs: 200,
} as const;

export interface ActivatorInput {
  /** Carries connections to this port of a replica; null: replicas are out of reach, and callers are to call again. */
  dialPort: number | null;
  nowMs(): number;
  say(level: 'info' | 'warn', message: string): void;
  /** Somebody called, or a port was opened or refused. */
  changed(): void;
  limits?: Partial<Record<keyof typeof activatorLimits, number>>;
  /** Of the loopback device in tests. */
  host?: string;
}

export interface Activator {
  /** Listens on these ports, by waypoint; others linger and then close. */
  want(doors: ReadonlyMap<string, number>): void;
  /** Addresses of the replicas that are ready, of a waypoint. */
  replicas(waypoint: string, addresses: readonly string[]): void;
  /** Asks for a waypoint to be awake, as a connection does. */
  knock(waypoint: string, why: string): void;
  seen(): Pick<Doorkeeper, 'listening' | 'taken' | 'knocks' | 'seen'>;
  stop(): void;
}

interface Door {
  waypoint: string;
  port: number;
  server: Server;
  isOpen: boolean;
  isWanted: boolean;
  held: Set<Held>;
  carried: number;
  knock: string;
  failed: { at: number; message: string } | null;
  closing: NodeJS.Timeout | undefined;
}

interface Held {
  socket: Socket;
  greeting: Buffer;
  timer: NodeJS.Timeout;
  /** A replica is being called for it, or has it. */
  isDialled: boolean;
  /** It waits no more. */
  leave(): void;
}

/** A record of TLS that begins a handshake: nobody else is let in, or wakes anything. */
const handshake = 0x16;

/**
 * Stands for waypoints that have no replica: takes their connections in, says that somebody called, and carries each on to
 * a replica once one is ready. HBONE is encrypted from the caller to the replica, so bytes are passed on as they come, and
 * none but the first are read before there is somewhere to send them.
 */
export function makeActivator(input: ActivatorInput): Activator {
  const limits = { ...activatorLimits, ...input.limits };
  const byPort = new Map<number, Door>();
  const refused = new Set<number>();
  const ready = new Map<string, readonly string[]>();
  const asked = new Map<string, string>();
  let heldInAll = 0;
  let carriedInAll = 0;
  let lastComplaint = -Infinity;

  const complain = (message: string) => {
    if (performance.now() - lastComplaint < 60_000) return;
    lastComplaint = performance.now();
    input.say('warn', message);
  };

  const open = (waypoint: string, port: number) => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
    const door: Door = {
      waypoint,
      port,
      server,
      isOpen: false,
      isWanted: true,
      held: new Set(),
      carried: 0,
      knock: '',
      failed: null,
      closing: undefined,
    };
    byPort.set(port, door);
    server.on('connection', (socket) => greet(door, socket));
    server.on('error', (error) => {
      byPort.delete(port);
      refused.add(port);
      input.say('warn', `sleep: port ${port} cannot be listened on: ${error.message}`);
      input.changed();
    });
    server.listen(port, input.host, () => {
      door.isOpen = true;
      input.changed();
    });
  };

  const greet = (door: Door, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    if (door.held.size >= limits.heldPerWaypoint || heldInAll >= limits.held) {
      complain(`sleep: too many connections wait for ${door.waypoint}; more are closed`);
      socket.destroy();
      return;
    }
    heldInAll += 1;
    const leave = () => (heldInAll -= 1);
    socket.once('close', leave);
    socket.setTimeout(limits.greetingMs, () => socket.destroy());
    socket.once('data', (greeting: Buffer) => {
      socket.pause();
      socket.setTimeout(0);
      if (greeting[0] !== handshake) return socket.destroy();
      const held: Held = {
        socket,
        greeting,
        timer: setTimeout(() => giveUp(door, held, notReady), limits.holdMs),
        isDialled: false,
        leave: () => {
          clearTimeout(held.timer);
          door.held.delete(held);
          socket.off('close', leave);
          leave();
        },
      };
      door.held.add(held);
      socket.once('close', () => {
        clearTimeout(held.timer);
        door.held.delete(held);
      });
      if (door.knock === '') {
        door.knock = 'a connection came';
        input.say('info', `sleep: a connection for ${door.waypoint}`);
        input.changed();
      }
      pass(door, held);
    });
    socket.resume();
  };

  const notReady = `no replica was ready after ${limits.holdMs / 1_000} s`;
  const giveUp = (door: Door, held: Held, why: string) => {
    const message = `${why}: connections were closed`;
    door.failed = { at: Math.floor(input.nowMs()), message };
    complain(`sleep: ${door.waypoint}: ${message}`);
    held.socket.destroy();
    input.changed();
  };

  const pass = (door: Door, held: Held, attempt = 0): void => {
    const addresses = ready.get(door.waypoint) ?? [];
    const address = addresses[Math.floor(Math.random() * addresses.length)];
    if (address === undefined || held.isDialled || held.socket.destroyed) return;
    if (input.dialPort === null || carriedInAll >= limits.carried) {
      // What calls again finds the replica itself.
      held.socket.destroy();
      return;
    }
    held.isDialled = true;
    const replica = connect({ host: address, port: input.dialPort, allowHalfOpen: true });
    replica.setNoDelay(true);
    const again = () => {
      replica.destroy();
      if (held.socket.destroyed) return;
      held.isDialled = false;
      if (attempt >= limits.dials) {
        return giveUp(door, held, `its replicas took no connection after ${attempt + 1} tries`);
      }
      setTimeout(() => pass(door, held, attempt + 1), limits.dialAgainMs);
    };
    replica.once('error', again);
    replica.once('connect', () => {
      replica.off('error', again);
      if (held.socket.destroyed) return replica.destroy();
      held.leave();
      carry(door, held, replica);
    });
  };

  const carry = (door: Door, { socket, greeting }: Held, replica: Socket) => {
    door.carried += 1;
    carriedInAll += 1;
    const over = () => {
      socket.destroy();
      replica.destroy();
    };
    replica.on('error', over);
    socket.on('error', over);
    replica.once('close', over);
    socket.once('close', () => {
      over();
      door.carried -= 1;
      carriedInAll -= 1;
      if (door.carried === 0) input.changed();
    });
    socket.setKeepAlive(true, 60_000);
    replica.setKeepAlive(true, 60_000);
    replica.write(greeting);
    socket.pipe(replica);
    replica.pipe(socket);
    input.changed();
  };

  const close = (door: Door) => {
    for (const { socket } of door.held) socket.destroy();
    door.server.close();
    byPort.delete(door.port);
    input.changed();
  };

  return {
    want: (doors) => {
      const ports = new Map([...doors].map(([waypoint, port]) => [port, waypoint]));
      for (const door of byPort.values()) {
        const isWanted = ports.get(door.port) === door.waypoint;
        if (door.isWanted && !isWanted) {
          door.isWanted = false;
          door.knock = '';
          door.closing = setTimeout(() => close(door), limits.lingerMs).unref();
        } else if (!door.isWanted && isWanted) {
          door.isWanted = true;
          clearTimeout(door.closing);
        }
      }
      for (const [port, waypoint] of ports) {
        if (!byPort.has(port) && !refused.has(port)) open(waypoint, port);
      }
      for (const waypoint of asked.keys()) if (!doors.has(waypoint)) asked.delete(waypoint);
    },
    replicas: (waypoint, addresses) => {
      if (addresses.length === 0) ready.delete(waypoint);
      else ready.set(waypoint, addresses);
      for (const door of byPort.values()) {
        if (door.waypoint === waypoint) for (const held of door.held) pass(door, held);
      }
    },
    knock: (waypoint, why) => {
      if (asked.get(waypoint) === why) return;
      asked.set(waypoint, why);
      input.changed();
    },
    seen: () => {
      const doors = [...byPort.values()];
      const wanted = doors.filter(({ isWanted }) => isWanted);
      return {
        listening: new Set(wanted.filter(({ isOpen }) => isOpen).map(({ port }) => port)),
        taken: new Set([
          ...refused,
          ...doors.filter(({ isWanted }) => !isWanted).map(({ port }) => port),
        ]),
        knocks: new Map([
          ...asked,
          ...doors
            .filter(({ isWanted, knock, held }) => knock !== '' && (isWanted || held.size > 0))
            .map(({ waypoint, knock }) => [waypoint, knock] as const),
        ]),
        seen: new Map(
          [...new Set(doors.map(({ waypoint }) => waypoint))].map((waypoint) => {
            const own = doors.filter((one) => one.waypoint === waypoint);
            return [
              waypoint,
              {
                held: own.reduce((sum, { held }) => sum + held.size, 0),
                carried: own.reduce((sum, { carried }) => sum + carried, 0),
                failed: own.find(({ failed }) => failed !== null)?.failed ?? null,
              },
            ];
          }),
        ),
      };
    },
    stop: () => {
      for (const door of byPort.values()) {
        clearTimeout(door.closing);
        for (const { socket } of door.held) socket.destroy();
        door.server.close();
      }
      byPort.clear();
    },
  };
}
