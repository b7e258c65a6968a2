import { invalidArn } from './service-error.ts';

/** Where a request plays: it decides the ARNs of what the request makes. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

/** The ARN of a state machine, version or alias, of an activity, an execution or a Map Run. */
export interface Arn {
  readonly text: string;
  /** 'stateMachine', 'activity', 'execution', 'express', 'mapRun'. */
  readonly type: string;
  /** What follows the type, at its colons. */
  readonly parts: readonly string[];
}

/**
 * Takes an ARN of Step Functions apart.
 * @throws ServiceError `InvalidArn` when it is none, or of a type that the operation does not take.
 */
export function parseArn(text: string, ...types: readonly string[]): Arn {
  const [arn, partition, service, , , type, ...parts] = text.split(':');
  if (arn !== 'arn' || !partition || service === undefined)
    throw invalidArn(`Invalid ARN prefix: ${text}`);
  if (service !== 'states') throw invalidArn(`Service must be 'states': ${text}`);
  if (type === undefined || parts.length === 0 || parts[0] === '')
    throw invalidArn(`Invalid ARN: ${text}`);
  if (!types.includes(type)) throw invalidArn(`Resource type not valid in this context: ${type}`);
  return { text, type, parts };
}

export function stateMachineArn({ region, account }: Place, name: string): string {
  return `arn:aws:states:${region}:${account}:stateMachine:${name}`;
}

export function activityArn({ region, account }: Place, name: string): string {
  return `arn:aws:states:${region}:${account}:activity:${name}`;
}

/** The execution of that name: 'arn:...:execution:Machine:name'. */
export function executionArn(machineArn: string, name: string): string {
  return `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
