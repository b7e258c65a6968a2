import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { largeWorkflows } from './large-workflows.ts';

// A process that starts a run with large values: the one that is killed.
const [url = '', folder = '', id = ''] = process.argv.slice(2);
const runner = createLocalRunner({ workflows: largeWorkflows, folder, environment: {} });
await runner.start('outer', { url }, { id });
for await (const _ of runner.events('outer', id));
await runner.close();
