'use client';

import { type ComponentType, use } from 'react';

/**
 * A module of components that is loaded when first needed. Unlike `React.lazy`, what is loaded already is drawn at once,
 * without passing through the fallback.
 * @returns `load` to begin early, and `part` to make a component of one of its exports
 */
export function loadedLater<Module extends object>(fetchModule: () => Promise<Module>) {
  let loading: Promise<Module> | undefined;
  const load = (): Promise<Module> => {
    loading ??= told(fetchModule());
    return loading;
  };
  function part<Name extends keyof Module>(name: Name): Module[Name] {
    const Part = (props: object) => {
      const Loaded = use(load())[name] as ComponentType<object>;
      return <Loaded {...props} />;
    };
    return Part as Module[Name];
  }
  return { load, part };
}

/** A promise that tells its state as React writes it, so that `use` returns at once when it is fulfilled already. */
function told<Value>(promise: Promise<Value>): Promise<Value> {
  const noted = Object.assign(promise, { status: 'pending' });
  promise.then(
    (value) => Object.assign(noted, { status: 'fulfilled', value }),
    (reason: unknown) => Object.assign(noted, { status: 'rejected', reason }),
  );
  return noted;
}
