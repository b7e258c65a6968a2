import type { Change, Changed, Condition, LimiterTable, Row } from './table.ts';

/** A table in this process: for one machine, and for tests. */
export function memoryTable(): LimiterTable {
  const rows = new Map<string, Row>();
  return {
    async change(key, change): Promise<Changed> {
      const row = rows.get(key) ?? {};
      if (!(change.when ?? []).every((condition) => holds(row, condition))) {
        return { done: false, row };
      }
      const after = changed(row, change);
      rows.set(key, after);
      return { done: true, row: after };
    },
  };
}

function holds(row: Row, { name, is, value, orAbsent = false }: Condition): boolean {
  const number = row[name];
  if (number === undefined) return orAbsent;
  switch (is) {
    case '<':
      return number < value;
    case '<=':
      return number <= value;
    case '=':
      return number === value;
    case '>=':
      return number >= value;
  }
}

function changed(row: Row, { add = {}, set = {}, remove = [] }: Change): Row {
  const after = { ...row, ...set };
  for (const [name, amount] of Object.entries(add)) after[name] = (row[name] ?? 0) + amount;
  for (const name of remove) delete after[name];
  return after;
}
