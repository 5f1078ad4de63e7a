import type { Account, BaseURLProblem, Exchange, Key, Setting, Severity, State } from './types';

/** A short notice (admin.Toast); no verb answers with one, so the generator does not know it. */
export interface Toast {
  severity: Severity;
  title: string;
  detail: string;
}

/** The one envelope of every event; `seq` grows by one, so a gap means that events were lost. */
export type Envelope =
  | { topic: 'state'; seq: number; data: State }
  | { topic: 'accounts'; seq: number; data: Account[] }
  | { topic: 'keys'; seq: number; data: Key[] }
  | { topic: 'settings'; seq: number; data: Setting[] }
  | { topic: 'traffic'; seq: number; data: Exchange }
  | { topic: 'problems'; seq: number; data: BaseURLProblem[] }
  | { topic: 'toast'; seq: number; data: Toast };
