/** One option of a choice, as Segmented, Select and Tabs take it. */
export interface Choice<V extends string = string> {
  value: V;
  label: string;
  count?: number;
  hint?: string;
}
