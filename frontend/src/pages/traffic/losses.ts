import type { Loss } from '$lib/api';
import { en } from '$lib/i18n/en';
import { t, type MessageKey } from '$lib/i18n/index.svelte';

type Told<K> = K extends `loss.${infer Code}` ? Code : never;
const isTold = (code: string): code is Told<MessageKey> => `loss.${code}` in en;

/** What was lost, in plain words; a code that has none yet is told as it is. */
export function lossWords({ code, reason }: Pick<Loss, 'code' | 'reason'>): string {
  const plain = code.replaceAll('.', '_');
  return isTold(plain) ? t(`loss.${plain}`) : code || reason;
}

const GRADES = ['adapted', 'dropped', 'refused'] as const;

/** How bad it is: changed, left out or refused. */
export function gradeWord(grade: string): string {
  const known = GRADES.find((candidate) => candidate === grade);
  return known ? t(`loss.grade.${known}`) : grade;
}
