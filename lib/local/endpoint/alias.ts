import { parseArn } from './arn.ts';
import { list, record, whole } from './field.ts';
import * as fields from './members.ts';
import type { AliasRecord, Route } from './records.ts';
import type { Service } from './service.ts';
import { referenceNotFound, validationException } from './service-error.ts';

/** The routing configuration of an alias: one or two versions, with weights in percent. */
export const routing = list(
  record({ stateMachineVersionArn: fields.arn, weight: whole(0, 100) }),
  1,
  2,
);

/** @throws ServiceError `ResourceNotFound`, `InvalidArn`. */
export function findAlias({ store }: Service, arn: string): AliasRecord {
  parseArn(arn, 'stateMachine');
  const alias = store.aliases.get(arn);
  if (!alias) throw referenceNotFound();
  return alias;
}

/** Checks the routes in AWS's words and gives the ARN of the machine whose versions they are. */
export function checkRoutes({ store }: Service, routes: readonly Route[]): string {
  const arns = routes.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
  const parsed = arns.map((arn) => parseArn(arn, 'stateMachine'));
  if (parsed.some(({ parts }) => !/^\d+$/.test(parts[1] ?? '')))
    throw validationException(
      `Routing configuration must contain state machine version ARNs. Received: [${arns.join(', ')}]`,
    );
  if (new Set(arns).size < arns.length)
    throw validationException(
      `Routing configuration must contain distinct state machine version ARNs. Received: [${arns.join(', ')}]`,
    );
  const weights = routes.map(({ weight }) => weight);
  if (weights.reduce((sum, weight) => sum + weight, 0) !== 100)
    throw validationException(
      `Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`,
    );
  const machines = new Set(arns.map((arn) => store.versions.get(arn)?.machineArn));
  const [machineArn] = machines;
  if (machineArn === undefined || machines.has(undefined)) throw referenceNotFound();
  if (machines.size > 1)
    throw validationException('Routing configuration must contain versions of one state machine');
  return machineArn;
}
