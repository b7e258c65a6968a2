import { parseArn } from '../arn.ts';
import * as fields from '../members.ts';
import { operation } from '../operation.ts';

/** Deletes an alias. No alias is no error. */
export const deleteStateMachineAlias = operation(
  { stateMachineAliasArn: fields.arn },
  ({ stateMachineAliasArn }, { store }) => {
    store.aliases.delete(parseArn(stateMachineAliasArn, 'stateMachine').text);
    return {};
  },
);
