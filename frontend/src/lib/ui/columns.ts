/** One column of a DataTable. */
export interface Column {
  id: string;
  label: string;
  /** The label is only for those who do not see the column. */
  silent?: boolean;
  /** Width in pixels; a `grow` column takes at least this and a share of what is left. */
  width: number;
  grow?: number;
  align?: 'end';
  /** Columns with a higher number leave first when room is short; 0 always stays. */
  priority: number;
}

const GAP = 12;

/** The columns that fit into a width, in their own order. */
export function fitColumns(columns: readonly Column[], width: number): Column[] {
  const visible = [...columns];
  const needed = (): number =>
    visible.reduce((sum, column) => sum + column.width, 0) + GAP * Math.max(0, visible.length - 1);
  while (needed() > width) {
    const worst = visible.reduce((a, b) => (b.priority >= a.priority ? b : a), visible[0] as Column);
    if (!worst || worst.priority === 0) break;
    visible.splice(visible.indexOf(worst), 1);
  }
  return visible;
}

/** The grid template of columns, for head and rows alike. */
export function template(columns: readonly Column[]): string {
  return columns
    .map(({ width, grow }) => (grow ? `minmax(${String(width)}px, ${String(grow)}fr)` : `${String(width)}px`))
    .join(' ');
}
