import type { HistoryEvent } from '../../../engine/history/event.ts';
import { flag, optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { numberKey, page, pageFields } from '../page.ts';
import { wireEvent } from '../wire-event.ts';

/** The events of an execution, oldest or newest first, page by page. */
export const getExecutionHistory = operation(
  {
    ...pageFields,
    executionArn: fields.arn,
    reverseOrder: optional(flag),
    includeExecutionData: optional(flag),
  },
  (request, { executions, machines, store }) => {
    const { executionArn, reverseOrder = false, includeExecutionData = true } = request;
    const record = executions.find(executionArn);
    const events = store.history(executionArn);
    const order = {
      kind: `${reverseOrder ? 'reverse' : 'history'} ${executionArn}`,
      key: ({ id }: HistoryEvent) => numberKey(id),
      descending: reverseOrder,
      size: sizeOf,
    };
    const { items, nextToken } = page(reverseOrder ? events.toReversed() : events, order, request);
    const context = {
      started: {
        roleArn: machines.revision(record.revision).roleArn,
        ...(record.aliasArn !== undefined && { stateMachineAliasArn: record.aliasArn }),
        ...(record.versionArn !== undefined && { stateMachineVersionArn: record.versionArn }),
      },
      includeExecutionData,
    };
    return { events: items.map((event) => wireEvent(event, context)), nextToken };
  },
);

/** About the bytes that an event's texts take. */
function sizeOf({ details = {} }: HistoryEvent): number {
  return Object.values(details).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 100),
    100,
  );
}
