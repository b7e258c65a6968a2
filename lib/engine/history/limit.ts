/** AWS: a Standard execution's history holds at most 25,000 events, the last of them its end. */
export const HISTORY_LIMIT = 25_000;

/** Thrown when an event would take the place that the history keeps for the execution's end. */
export class HistoryFull extends Error {
  constructor() {
    super(`The execution reached the maximum number of history events (${HISTORY_LIMIT}).`);
    this.name = 'HistoryFull';
  }
}
