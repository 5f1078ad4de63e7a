import { call } from './bridge';
import type { Wire } from './types';

type Generated = typeof import('../../../wailsjs/go/admin/API');

type Answer<F> = F extends (...args: never[]) => Promise<infer R> ? Promise<Wire<R>> : never;

/** Every verb of the application service, typed as the Go side declares it: at most one request. */
export type Api = {
  readonly [V in keyof Generated]: Parameters<Generated[V]> extends [infer Request]
    ? (request: Wire<Request>) => Answer<Generated[V]>
    : () => Answer<Generated[V]>;
};

/** The one client: a verb is a function, whichever transport carries it. */
export const api: Api = new Proxy({} as Api, {
  get: (_target, verb) => (typeof verb === 'string' ? (...args: unknown[]) => call(verb, args) : undefined),
});
