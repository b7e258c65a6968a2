import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../../json.ts';
import { checkEncryption } from '../encryption.ts';
import { flag, optional } from '../field.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { ServiceError, validationException } from '../service-error.ts';
import { seconds } from '../shown-time.ts';
import { checkDefinition } from '../state-machines.ts';
import { publish } from '../versions.ts';

/** Changes a state machine: executions that start later run the new revision. */
export const updateStateMachine = operation(
  {
    stateMachineArn: fields.arn,
    definition: optional(fields.definition),
    roleArn: optional(fields.arn),
    loggingConfiguration: optional(fields.loggingConfiguration),
    tracingConfiguration: optional(fields.tracingConfiguration),
    encryptionConfiguration: optional(fields.encryptionConfiguration),
    publish: optional(flag),
    versionDescription: optional(fields.description),
  },
  ({ stateMachineArn, publish: publishes, versionDescription, ...request }, service) => {
    const { encryptionConfiguration, ...changes } = request;
    const machine = service.machines.find(stateMachineArn);
    if (versionDescription !== undefined && !publishes)
      throw validationException('Version description can only be set when publish is true');
    checkEncryption(encryptionConfiguration);
    const given = Object.values(changes).some((value) => value !== undefined);
    if (!given && !publishes && encryptionConfiguration === undefined) throw nothingGiven();
    if (changes.definition !== undefined) checkDefinition(changes.definition, machine.type);

    const old = service.machines.revision(machine.revision);
    const set = JSON.parse(JSON.stringify(changes)) as JsonObject;
    const next = { ...old, ...set };
    const changed = JSON.stringify(next) !== JSON.stringify(old);
    const updateDate = service.now();
    let current = machine;
    let { revisionId } = old;
    if (changed) {
      revisionId = randomUUID();
      current = { ...machine, revision: revisionId };
      service.store.revisions.put(revisionId, { ...next, id: revisionId, revisionId, updateDate });
      service.store.machines.put(machine.arn, current);
    }
    const version = publishes ? publish(service, current, versionDescription) : undefined;
    return {
      updateDate: seconds(updateDate),
      revisionId,
      stateMachineVersionArn: version?.arn,
    };
  },
);

function nothingGiven(): ServiceError {
  return new ServiceError(
    'MissingRequiredParameter',
    'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
  );
}
