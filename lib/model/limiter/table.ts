/** What a limiter knows of one provider's model: numbers by name. Times are milliseconds since the epoch. */
export type Row = Readonly<Record<string, number>>;

/** Holds of a number, or where `orAbsent` says so of one that is not there. */
export interface Condition {
  readonly name: string;
  readonly is: '<' | '<=' | '=' | '>=';
  readonly value: number;
  /** Default false: an absent number meets no condition. */
  readonly orAbsent?: boolean;
}

/** One change of a row, done as a whole or, where a condition fails, not at all. */
export interface Change {
  /** All of them must hold. */
  readonly when?: readonly Condition[];
  /** An absent number counts as 0. */
  readonly add?: Row;
  /** Names that are not in `add`. */
  readonly set?: Row;
  readonly remove?: readonly string[];
}

export interface Changed {
  readonly done: boolean;
  /** The row after the change, or as it stood when a condition failed. */
  readonly row: Row;
}

/**
 * Where limiters keep their rows. One change is one atomic conditional update; rows come into being
 * with their first change.
 */
export interface LimiterTable {
  change(key: string, change: Change): Promise<Changed>;
}

/** The table has more changes to do than it can: ask again in a second. */
export class TableBusy extends Error {
  override readonly name = 'TableBusy';
}
