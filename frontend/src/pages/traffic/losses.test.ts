import { describe, expect, it } from 'vitest';
import { gradeWord, lossWords } from './losses';

describe('losses', () => {
  it('fall back to the code, or to the line of an older record', () => {
    expect(lossWords({ code: 'new.thing', reason: 'dropped new.thing' })).toBe('new.thing');
    expect(lossWords({ code: '', reason: 'dropped x' })).toBe('dropped x');
    expect(lossWords({ code: 'tool.strict', reason: '' })).toBe('Strict arguments do not exist there.');
    expect([gradeWord('dropped'), gradeWord('other')]).toEqual(['left out', 'other']);
  });
});
