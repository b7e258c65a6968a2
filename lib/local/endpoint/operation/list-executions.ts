import { parseArn } from '../arn.ts';
import { type InputOf, oneOf, optional, text } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { numberKey, page, pageFields } from '../page.ts';
import type { ExecutionRecord } from '../records.ts';
import type { Service } from '../service.ts';
import { typeNotSupported, validationException } from '../service-error.ts';
import { seconds, shownTime } from '../shown-time.ts';

const input = {
  ...pageFields,
  stateMachineArn: optional(fields.arn),
  mapRunArn: optional(fields.longArn),
  statusFilter: optional(
    oneOf('SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'),
  ),
  redriveFilter: optional(oneOf('REDRIVEN', 'NOT_REDRIVEN')),
  nextToken: optional(text({ max: 3_096 })),
};

/** Lists the executions of a machine, a version, an alias or a Map Run, the newest first. */
export const listExecutions = operation(input, (request, service) => {
  const { statusFilter, redriveFilter } = request;
  const belongs = filter(request, service);
  const executions = [...service.store.executions.all()]
    .filter(
      (each) =>
        belongs(each) &&
        (statusFilter === undefined || each.status === statusFilter) &&
        (redriveFilter === undefined || each.redriveCount > 0 === (redriveFilter === 'REDRIVEN')),
    )
    .sort((a, b) => b.sequence - a.sequence);
  const key = ({ sequence }: ExecutionRecord): string => numberKey(sequence);
  const order = { kind: 'executions', key, descending: true };
  const { items, nextToken } = page(executions, order, request);
  return { executions: items.map(listed), nextToken };
});

function filter(
  { stateMachineArn, mapRunArn }: InputOf<typeof input>,
  { machines, mapRuns, store }: Service,
): (execution: ExecutionRecord) => boolean {
  if ((stateMachineArn === undefined) === (mapRunArn === undefined))
    throw validationException('Exactly one of stateMachineArn and mapRunArn must be specified');
  if (mapRunArn !== undefined) {
    parseArn(mapRunArn, 'mapRun');
    mapRuns.find(mapRunArn);
    return (execution) => execution.mapRunArn === mapRunArn;
  }
  const arn = stateMachineArn ?? '';
  const qualified = store.versions.get(arn) ?? store.aliases.get(arn);
  const machine = machines.find(qualified?.machineArn ?? arn);
  if (machine.type === 'EXPRESS') throw typeNotSupported();
  if (!qualified) return (execution) => execution.machineArn === arn;
  return (execution) => execution.versionArn === arn || execution.aliasArn === arn;
}

function listed(record: ExecutionRecord): object {
  const { arn, name, status, mapRunArn, redriveCount } = record;
  return {
    ...{ executionArn: arn, name, status, mapRunArn, redriveCount },
    stateMachineArn: record.machineArn,
    stateMachineVersionArn: record.versionArn,
    stateMachineAliasArn: record.aliasArn,
    startDate: seconds(record.startDate),
    stopDate: shownTime(record.stopDate),
    redriveDate: shownTime(record.redriveDate),
  };
}
