import { call } from './bridge';
import type { Wire } from './types';

type Generated = typeof import('../../../wailsjs/go/admin/API');

/** Every verb of the application service, typed as the Go side declares it. */
export type Api = {
  readonly [V in keyof Generated]: (
    ...args: { [A in keyof Parameters<Generated[V]>]: Wire<Parameters<Generated[V]>[A]> }
  ) => Promise<Wire<Awaited<ReturnType<Generated[V]>>>>;
};

/** The one client: a verb is a function, whichever transport carries it. */
export const api: Api = new Proxy({} as Api, {
  get: (_target, verb) => (typeof verb === 'string' ? (...args: unknown[]) => call(verb, args) : undefined),
});
