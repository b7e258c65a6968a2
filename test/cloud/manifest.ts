import type { Manifest } from '../../lib/run/manifest.ts';
import { contractMachines } from '../contract/machines.ts';
import { bucketName } from './payload-bucket.ts';
import { place } from './step-functions-endpoint.ts';

/** The machines of the contract suite, as if they were deployed. */
export const manifest: Manifest = {
  version: 1,
  workflows: contractMachines.map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema,
    definitionHash: '',
    stateMachineArn: `${place}:stateMachine:${name}`,
    tokenTable: 'tokens',
    payloadBucket: bucketName,
  })),
};
