import { parseArn } from '../arn.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';
import { conflict, validationException } from '../service-error.ts';

/** Deletes a version that no alias routes to. No version is no error. */
export const deleteStateMachineVersion = operation(
  { stateMachineVersionArn: fields.longArn },
  ({ stateMachineVersionArn }, { store }) => {
    const { parts } = parseArn(stateMachineVersionArn, 'stateMachine');
    if (!/^\d+$/.test(parts[1] ?? ''))
      throw validationException('The ARN must be that of a state machine version');
    const aliases = [...store.aliases.all()]
      .filter(({ routes }) =>
        routes.some((route) => route.stateMachineVersionArn === stateMachineVersionArn),
      )
      .map(({ name }) => name);
    if (aliases.length > 0)
      throw conflict(
        `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${aliases.join(', ')}]`,
      );
    store.versions.delete(stateMachineVersionArn);
    return {};
  },
);
