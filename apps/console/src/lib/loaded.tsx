'use client';

import { type ComponentType, use } from 'react';

/**
 * A module of components that is loaded when first needed. Unlike `React.lazy`, what is loaded already is drawn at once,
 * without passing through the fallback.
 * @returns `load` to begin early, and `part` to make a component of one of its exports
 */
export function loadedLater<Module extends object>(fetchModule: () => Promise<Module>) {
  let loaded: Module | undefined;
  let loading: Promise<Module> | undefined;
  const load = (): Promise<Module> => {
    loading ??= fetchModule().then((module) => (loaded = module));
    return loading;
  };
  function part<Name extends keyof Module>(name: Name): Module[Name] {
    const Part = (props: object) => {
      const Loaded = (loaded ?? use(load()))[name] as ComponentType<object>;
      return <Loaded {...props} />;
    };
    return Part as Module[Name];
  }
  return { load, part };
}
