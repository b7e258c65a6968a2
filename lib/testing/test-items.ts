import type { HistoryEvent } from '../engine/history/event.ts';
import { itemArn } from '../engine/map-run/item-arn.ts';
import type { ItemsOf } from '../run/items.ts';

/** The histories of the items of Distributed Maps, which are executions of their own. */
export class TestItems {
  readonly #histories = new Map<string, HistoryEvent[]>();

  add(event: HistoryEvent, executionArn: string): void {
    // An item's machine is '<machine>/<label of its Map>'.
    if (!executionArn.includes('/')) return;
    const known = this.#histories.get(executionArn);
    if (known) known.push(event);
    else this.#histories.set(executionArn, [event]);
  }

  readonly of: ItemsOf = (mapRunArn) => {
    const histories: HistoryEvent[][] = [];
    for (;;) {
      const history = this.#histories.get(itemArn(mapRunArn, histories.length));
      if (history === undefined) return histories;
      histories.push(history);
    }
  };
}
