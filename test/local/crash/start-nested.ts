import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { nested } from './nested-workflows.ts';

// A process that starts a run which starts another one: the one that is killed.
const [url = '', folder = '', id = ''] = process.argv.slice(2);
const runner = createLocalRunner({ workflows: nested, folder, environment: {} });
await runner.start('outer', { url }, { id });
for await (const _ of runner.events('outer', id));
await runner.close();
