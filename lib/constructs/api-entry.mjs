import { readFileSync } from 'node:fs';

/**
 * Stands beside the API function's bundle and is what Lambda loads: `functions/api.ts` reads one
 * manifest, of which synth knows all but the ARNs and the deployment knows only the ARNs. This file
 * is deployed as it is.
 */
const manifest = JSON.parse(readFileSync(new URL('manifest.json', import.meta.url), 'utf8'));
const arns = JSON.parse(process.env.CLOUDGATHER_STATE_MACHINES);
for (const workflow of manifest.workflows) workflow.stateMachineArn = arns[workflow.name];
process.env.CLOUDGATHER_MANIFEST = JSON.stringify(manifest);

export const { handler } = await import('./index.mjs');
