import type { Account, BaseURLProblem, DoctorStep, Exchange, Key, Setting, Severity, State } from './types';

/** A short notice (admin.Toast); no verb answers with one, so the generator does not know it. */
export interface Toast {
  severity: Severity;
  title: string;
  detail: string;
}

/** A step of the doctor's walk that has ended (admin.DoctorProgress). */
export interface DoctorProgress {
  /** The word that the walk was asked for with. */
  id: string;
  done: number;
  total: number;
  step: DoctorStep;
}

/** The one envelope of every event; `seq` grows by one, so a gap means that events were lost. */
export type Envelope =
  | { topic: 'state'; seq: number; data: State }
  | { topic: 'accounts'; seq: number; data: Account[] }
  | { topic: 'keys'; seq: number; data: Key[] }
  | { topic: 'settings'; seq: number; data: Setting[] }
  | { topic: 'traffic'; seq: number; data: Exchange }
  | { topic: 'problems'; seq: number; data: BaseURLProblem[] }
  | { topic: 'doctor'; seq: number; data: DoctorProgress }
  | { topic: 'toast'; seq: number; data: Toast };
