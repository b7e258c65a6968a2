import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { numberKey, page, pageFields } from '../page.ts';
import type { VersionRecord } from '../records.ts';
import { seconds } from '../shown-time.ts';

/** Lists the versions of a machine, the newest first. */
export const listStateMachineVersions = operation(
  { ...pageFields, stateMachineArn: fields.arn },
  (request, { machines }) => {
    const { arn } = machines.find(request.stateMachineArn);
    const key = (version: VersionRecord): string => numberKey(version.number);
    const order = { kind: `versions ${arn}`, key, descending: true };
    const { items, nextToken } = page(machines.versions(arn), order, request);
    return {
      stateMachineVersions: items.map((version) => ({
        stateMachineVersionArn: version.arn,
        creationDate: seconds(version.creationDate),
      })),
      nextToken,
    };
  },
);
