import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ExecutionType } from '../../engine/execution-type.ts';
import type { Json, JsonObject } from '../../json.ts';
import { calledFunctions } from './called-functions.ts';
import type { Stack } from './stack.ts';
import type { Resource } from './template.ts';
import { attempt, Unresolved } from './unresolved.ts';

/** A state machine of an assembly. */
export interface AssemblyMachine {
  /** Its physical name: the one that the app chose, else one made of its construct's. Unique. */
  readonly name: string;
  readonly logicalId: string;
  readonly stack: string;
  readonly arn: string;
  readonly type: ExecutionType;
  /** The definition as it would be deployed, every ARN in its place. '' where `refusal` is set. */
  readonly definition: string;
  /** SHA-256 of the definition, hex. */
  readonly definitionHash: string;
  /** The functions that the definition names, as it names them: by ARN or by name. */
  readonly functions: readonly string[];
  /** Why it cannot be run here, in a full sentence. */
  readonly refusal: string | undefined;
}

export function readMachine(stack: Stack, logicalId: string, resource: Resource): AssemblyMachine {
  const { name, region, account } = stack.physical(logicalId, resource);
  const read = attempt(() => readDefinition(stack, resource));
  const definition = 'reason' in read ? '' : read.value;
  const type = attempt(() => stack.property(resource, 'StateMachineType'));
  return {
    name,
    logicalId,
    stack: stack.stackName,
    arn: `arn:aws:states:${region}:${account}:stateMachine:${name}`,
    type: 'value' in type && type.value === 'EXPRESS' ? 'EXPRESS' : 'STANDARD',
    definition,
    definitionHash: createHash('sha256').update(definition).digest('hex'),
    functions: calledFunctions(definition),
    refusal:
      'reason' in read
        ? `The state machine ${name} (${logicalId} in ${stack.stackName}) cannot be run here. ${read.reason}`
        : undefined,
  };
}

/** @throws Unresolved */
function readDefinition(stack: Stack, resource: Resource): string {
  const property = (name: string): Json | undefined => stack.property(resource, name);
  const text = definitionText(stack, property);
  const values = (property('DefinitionSubstitutions') ?? {}) as JsonObject;
  // CloudFormation replaces the keys that it is given, and leaves every other `${...}` as it is.
  return text.replaceAll(/\$\{([^}]+)\}/g, (whole, key: string) =>
    Object.hasOwn(values, key) ? String(values[key]) : whole,
  );
}

function definitionText(stack: Stack, property: (name: string) => Json | undefined): string {
  const string = property('DefinitionString');
  if (typeof string === 'string') return string;
  const object = property('Definition');
  if (object !== undefined) return JSON.stringify(object);
  const { Key } = (property('DefinitionS3Location') ?? {}) as JsonObject;
  const asset = typeof Key === 'string' ? stack.asset(Key) : undefined;
  if (asset) return readFileSync(asset.path, 'utf8');
  throw new Unresolved('Its definition is no asset of this assembly: it lies in a bucket.');
}
