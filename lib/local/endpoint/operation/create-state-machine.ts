import { randomUUID } from 'node:crypto';
import { stateMachineArn } from '../arn.ts';
import { checkEncryption } from '../encryption.ts';
import type { InputOf } from '../field.ts';
import { flag, optional } from '../field.ts';
import * as fields from '../members.ts';
import { checkName } from '../name.ts';
import { operation } from '../operation.ts';
import type { RevisionRecord, StateMachineRecord } from '../records.ts';
import type { Service } from '../service.ts';
import { stateMachineAlreadyExists, validationException } from '../service-error.ts';
import { seconds } from '../shown-time.ts';
import { checkDefinition } from '../state-machines.ts';
import { tagged } from '../tagging.ts';
import { publish } from '../versions.ts';

const input = {
  name: fields.name,
  definition: fields.definition,
  roleArn: fields.arn,
  type: optional(fields.machineType),
  loggingConfiguration: optional(fields.loggingConfiguration),
  tracingConfiguration: optional(fields.tracingConfiguration),
  encryptionConfiguration: optional(fields.encryptionConfiguration),
  tags: optional(fields.tags),
  publish: optional(flag),
  versionDescription: optional(fields.description),
};

/** Creates a state machine. The same request again gives the machine that is there. */
export const createStateMachine = operation(input, (request, service, { place }) => {
  checkName(request.name);
  if (request.versionDescription !== undefined && !request.publish)
    throw validationException('Version description can only be set when publish is true');
  checkEncryption(request.encryptionConfiguration);
  const type = request.type ?? 'STANDARD';
  checkDefinition(request.definition, type);
  const arn = stateMachineArn(place, request.name);
  const known = service.store.machines.get(arn);
  const machine = known ? sameMachine(known, request, service) : create(arn, request, service);
  const version = request.publish
    ? publish(service, machine, request.versionDescription)
    : undefined;
  return {
    stateMachineArn: arn,
    creationDate: seconds(machine.creationDate),
    stateMachineVersionArn: version?.arn,
  };
});

type Request = InputOf<typeof input>;

function create(arn: string, request: Request, service: Service): StateMachineRecord {
  const { name, type = 'STANDARD' } = request;
  const revision = { id: randomUUID(), updateDate: service.now(), ...configuration(request) };
  service.store.revisions.put(revision.id, revision);
  const machine: StateMachineRecord = {
    ...{ arn, name, type },
    creationDate: revision.updateDate,
    revision: revision.id,
    nextVersion: 1,
    tags: tagged(arn, {}, request.tags ?? []),
  };
  service.store.machines.put(arn, machine);
  return machine;
}

function configuration(request: Request): Omit<RevisionRecord, 'id' | 'updateDate'> {
  const logging = request.loggingConfiguration ?? {};
  return {
    revisionId: undefined,
    definition: request.definition,
    roleArn: request.roleArn,
    loggingConfiguration: { level: 'OFF', includeExecutionData: false, ...plain(logging) },
    tracingConfiguration: { enabled: request.tracingConfiguration?.enabled ?? false },
  };
}

/** AWS compares name, definition, type, logging and tracing; roleArn and tags may differ. */
function sameMachine(
  known: StateMachineRecord,
  request: Request,
  service: Service,
): StateMachineRecord {
  const { roleArn, ...wanted } = configuration(request);
  const revision = service.machines.revision(known.revision);
  const { definition, loggingConfiguration, tracingConfiguration } = revision;
  const same =
    known.type === (request.type ?? 'STANDARD') &&
    JSON.stringify({ definition, loggingConfiguration, tracingConfiguration }) ===
      JSON.stringify({ ...wanted, revisionId: undefined });
  if (same) return known;
  throw stateMachineAlreadyExists(known.arn);
}

function plain(value: object): Record<string, never> {
  return JSON.parse(JSON.stringify(value)) as Record<string, never>;
}
