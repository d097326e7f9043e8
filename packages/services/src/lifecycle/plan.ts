import {
  isFinished,
  lifecycle,
  type LifecycleType,
  type OperationState,
  type StepState,
} from '@ambit/contracts/lifecycle';
import type { DecidedLog, Decision, Effect, StepPatch } from './decision.ts';
import type { Memory, MeshView, StepView, View } from './view.ts';

/** What a step says when it is looked at. */
export type Outcome =
  | { is: 'done' | 'skipped'; message: string }
  /** `paused`: waiting for someone to come back, so that the step's own time stands still. */
  | { is: 'waiting'; message: string; wakeInMs?: number; paused?: boolean }
  /** An effect has to happen before the step can go on. */
  | { is: 'again'; message: string }
  | { is: 'failed'; reason: string; message: string };

/** What a step works with: the facts, what it remembers, and the effects it asks for. */
export interface Draft {
  view: View;
  mesh: MeshView;
  memory: Memory;
  effects: Effect[];
  ask(effect: Effect): void;
  log(text: string, level?: DecidedLog['level'], cluster?: string): void;
  /** When a step that began at `step`'s start has used up its time; pauses do not count. */
  deadline(step: string, timeoutMs: number): Date;
}

export type Handler = (draft: Draft) => Outcome;

export interface Plan {
  steps: Record<string, Handler>;
  /** Step that takes back what was done, and whether it is needed. */
  recovery?: {
    step: 'undo' | 'rollback';
    needed(draft: Draft, cause: 'failed' | 'cancelled'): boolean;
    /** Reason told when it succeeded after a failure. */
    reason: string;
  };
  /** Called once when all steps are done. */
  succeed(draft: Draft): { message: string; result: Record<string, unknown> };
}

const defaultWakeMs = 5_000;
const pausedWakeMs = 15_000;
const over: StepState[] = ['succeeded', 'failed', 'skipped', 'cancelled'];

/**
 * Looks at an operation once: runs its steps in order until one has to wait. Pure: equal views give equal decisions.
 * A finished operation is never changed.
 */
export function decideBy(plan: Plan, view: View): Decision {
  const { state } = view.operation;
  const memory: Memory = structuredClone(view.operation.memory);
  const nothing: Decision = {
    state,
    steps: [],
    logs: [],
    memory,
    effects: [],
    finish: null,
    wakeInMs: null,
  };
  if (isFinished(state)) return nothing;
  if (!view.mesh) return endWithoutMesh(view, nothing);
  return new Look(plan, view, view.mesh, memory).run();
}

class Look {
  private readonly plan: Plan;
  private readonly steps: StepView[];
  private readonly changed = new Map<string, StepPatch>();
  private readonly logs: DecidedLog[] = [];
  private readonly draft: Draft;
  private state: OperationState;
  private current = '';

  constructor(plan: Plan, view: View, mesh: MeshView, memory: Memory) {
    this.plan = plan;
    this.steps = view.steps.map((step) => ({ ...step }));
    this.state = view.operation.state === 'pending' ? 'running' : view.operation.state;
    const effects: Effect[] = [];
    this.draft = {
      view,
      mesh,
      memory,
      effects,
      ask: (effect) => void effects.push(effect),
      log: (text, level = 'info', cluster = '') =>
        void this.logs.push({ step: this.current, level, cluster, text }),
      deadline: (step, timeoutMs) => {
        const began = this.steps.find((s) => s.name === step)?.startedAt ?? view.now;
        const pausingMs = memory.pausedSince
          ? Math.max(0, view.now.getTime() - Date.parse(memory.pausedSince))
          : 0;
        return new Date(began.getTime() + timeoutMs + (memory.pausedMs ?? 0) + pausingMs);
      },
    };
  }

  run(): Decision {
    for (const step of this.steps) {
      if (over.includes(step.state)) continue;
      this.current = step.name;
      const wakeInMs = this.look(step);
      if (wakeInMs !== undefined) return this.decision(wakeInMs);
    }
    return this.finish();
  }

  /** @returns milliseconds to wait when the step is not over */
  private look(step: StepView): number | undefined {
    const { memory } = this.draft;
    const isRecovery = step.name === this.plan.recovery?.step;
    if (this.state === 'cancelling' && !memory.recovery) {
      this.recover('cancelled', 'Cancelled', 'Cancelled before it was done');
    }
    if (!isRecovery && memory.recovery) {
      const began = step.state === 'running';
      this.set(step, began ? 'cancelled' : 'skipped', began ? 'Broken off' : '');
      return undefined;
    }
    if (isRecovery && !(memory.recovery && this.recoveryNeeded(memory.recovery.cause))) {
      this.set(step, 'skipped', '');
      return undefined;
    }
    const handler = this.plan.steps[step.name];
    if (!handler) throw new Error(`no plan for the step ${step.name}`);
    step.startedAt ??= this.draft.view.now;
    const outcome = handler(this.draft);
    this.pause(outcome.is === 'waiting' && outcome.paused === true);
    switch (outcome.is) {
      case 'done':
        this.set(step, 'succeeded', outcome.message);
        return undefined;
      case 'skipped':
        this.set(step, 'skipped', outcome.message);
        return undefined;
      case 'again':
        this.set(step, 'running', outcome.message);
        return 0;
      case 'waiting':
        this.set(step, 'running', outcome.message);
        return outcome.wakeInMs ?? (outcome.paused ? pausedWakeMs : defaultWakeMs);
      case 'failed':
        this.set(step, 'failed', outcome.message);
        this.recover('failed', outcome.reason, outcome.message, isRecovery);
        return undefined;
    }
  }

  private recoveryNeeded(cause: 'failed' | 'cancelled'): boolean {
    return this.plan.recovery?.needed(this.draft, cause) ?? false;
  }

  private recover(
    cause: 'failed' | 'cancelled',
    reason: string,
    message: string,
    inRecovery = false,
  ): void {
    const { memory } = this.draft;
    const before = memory.recovery;
    memory.recovery =
      inRecovery && before
        ? { cause: 'failed', reason, message: `${before.message}. ${message}` }
        : { cause, reason, message };
  }

  private pause(paused: boolean): void {
    const { memory, view } = this.draft;
    if (paused) {
      memory.pausedSince ??= view.now.toISOString();
    } else if (memory.pausedSince) {
      memory.pausedMs =
        (memory.pausedMs ?? 0) + Math.max(0, view.now.getTime() - Date.parse(memory.pausedSince));
      delete memory.pausedSince;
    }
  }

  private set(step: StepView, state: StepState, message: string): void {
    if (step.state === state && step.message === message) return;
    if (message !== '' && message !== step.message) {
      this.logs.push({
        step: step.name,
        level: state === 'failed' ? 'error' : 'info',
        cluster: '',
        text: message,
      });
    }
    step.state = state;
    step.message = message;
    this.changed.set(step.name, { name: step.name, state, message });
  }

  private finish(): Decision {
    const { memory } = this.draft;
    const recovery = memory.recovery;
    if (!recovery) {
      const { message, result } = this.plan.succeed(this.draft);
      this.state = 'succeeded';
      return { ...this.decision(null), finish: { reason: 'Succeeded', message, result } };
    }
    this.state = recovery.cause;
    const recovered = this.steps.some(
      (step) => step.name === this.plan.recovery?.step && step.state === 'succeeded',
    );
    const reason =
      recovered && recovery.cause === 'failed'
        ? (this.plan.recovery?.reason ?? recovery.reason)
        : recovery.reason;
    const after = recovered
      ? this.steps.find((step) => step.name === this.plan.recovery?.step)?.message
      : '';
    return {
      ...this.decision(null),
      finish: {
        reason,
        message: [recovery.message, after].filter(Boolean).join('. '),
        result: { reason: recovery.reason },
      },
    };
  }

  private decision(wakeInMs: number | null): Decision {
    return {
      state: this.state,
      steps: [...this.changed.values()],
      logs: this.logs,
      memory: this.draft.memory,
      effects: this.draft.effects,
      finish: null,
      wakeInMs,
    };
  }
}

/** The mesh was removed under the operation: nothing is left to be done. */
function endWithoutMesh(view: View, nothing: Decision): Decision {
  const message = 'The mesh is gone';
  return {
    ...nothing,
    state: 'failed',
    steps: view.steps
      .filter((step) => !over.includes(step.state))
      .map((step) => ({
        name: step.name,
        state: step.state === 'running' ? ('failed' as const) : ('skipped' as const),
        message: step.state === 'running' ? message : '',
      })),
    finish: { reason: 'MeshGone', message, result: {} },
  };
}

/** The steps a new operation of a type begins with. */
export const stepsOf = (type: LifecycleType): readonly string[] => lifecycle[type].steps;
