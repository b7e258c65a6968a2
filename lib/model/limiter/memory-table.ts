import type { Change, Changed, Condition, LimiterTable, Row } from './table.ts';

/** A table in this process: for one machine, and for tests. */
export function memoryTable(): LimiterTable {
  const rows = new Map<string, Row>();
  return {
    async change(key, change): Promise<Changed> {
      const changed = changedRow(rows.get(key) ?? {}, change);
      if (changed.done) rows.set(key, changed.row);
      return changed;
    },
  };
}

/** A row after a change, or as it is where a condition fails. */
export function changedRow(row: Row, change: Change): Changed {
  const isAllowed = (change.when ?? []).every((condition) => holds(row, condition));
  return isAllowed ? { done: true, row: after(row, change) } : { done: false, row };
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

function after(row: Row, { add = {}, set = {}, remove = [] }: Change): Row {
  const numbers = { ...row, ...set };
  for (const [name, amount] of Object.entries(add)) numbers[name] = (row[name] ?? 0) + amount;
  for (const name of remove) delete numbers[name];
  return numbers;
}
