import { parseArn } from '../arn.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { validationException } from '../service-error.ts';

/**
 * Deletes a state machine with its versions, aliases and executions; those that run are stopped. AWS
 * does so at their next transition, here it is done when this returns. No machine is no error.
 */
export const deleteStateMachine = operation({ stateMachineArn: fields.arn }, (request, service) => {
  const { text: arn, parts } = parseArn(request.stateMachineArn, 'stateMachine');
  if (parts.length > 1)
    throw validationException(
      'The state machine to delete must be given by its unqualified ARN, without a version or an alias.',
    );
  const { store, executions } = service;
  for (const execution of [...store.executions.all()]) {
    if (execution.machineArn !== arn && !execution.machineArn.startsWith(`${arn}/`)) continue;
    executions.stop(execution.arn, undefined, 'The state machine was deleted.');
    store.executions.delete(execution.arn);
    store.forget(execution.arn);
  }
  for (const table of [store.versions, store.aliases, store.mapRuns]) {
    for (const record of [...table.all()]) if (record.machineArn === arn) table.delete(record.arn);
  }
  store.machines.delete(arn);
  return {};
});
