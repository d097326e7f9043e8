import type { Launch } from '@ambit/run/testing/launcher';
import type { KubeObject } from '@ambit/run/testing/kubectl';
import type { Counts } from './traffic.ts';

/** The platform of a ground, with what `npm start` told of it. */
export interface GroundPlatform {
  url: string;
  email: string;
  password: string;
  token: string;
  home: string;
  launch: Launch;
}

/**
 * A cluster that a journey stands on: the lab with its real Kubernetes, Istio and Envoy, or the sandbox. The platform
 * and the agent in it are the same programs on both.
 */
export interface Ground {
  kind: 'lab' | 'sandbox';
  platform: GroundPlatform;
  /** A release, a newer one, and one whose control plane never becomes Ready. */
  releases: [first: string, second: string, broken: string];
  /** Namespace with an application that is not in a mesh yet. */
  namespace: string;
  /** A Service of it, with the versions v1 and v2 in equal shares. */
  service: string;
  /** How long the broken release is waited for. */
  brokenTimeoutSeconds: number;
  /** Makes the application and waits until it runs. */
  prepare(): Promise<void>;
  /** Does what a person does with the join command that the console shows. */
  join(command: string): Promise<void>;
  /** Does what a person does with the command that removes the agent, and takes the application away. */
  leave(command: string): Promise<void>;
  /** Objects of a resource (`plural.group`) in a namespace, with managedFields. */
  list<T extends KubeObject>(resource: string, namespace: string): Promise<T[]>;
  /** Applies a document server-side in the cluster itself, past the platform. */
  applyDirectly(yaml: string, manager: string): Promise<void>;
  /** Everything in the cluster with a label, of every kind, as `kind.group/name`. */
  labelled(label: string): Promise<string[]>;
  /** At least so many requests to the service from others of the application, by version or status that answered. */
  traffic(requests: number): Promise<Counts>;
  /** Environment with a kubectl; undefined where none is to be had. */
  userEnv?: NodeJS.ProcessEnv;
  /** Kills the agent as a crash would; what runs it starts another. */
  killAgent(): Promise<void>;
}
