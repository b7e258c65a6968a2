import type { Job } from '../../lib/model/background/job.ts';
import type { Jobs } from '../../lib/model/background/jobs.ts';
import { ModelError } from '../../lib/model/errors.ts';
import { type BackgroundFault, draw, drawnFault, type Hits } from './faults.ts';
import { idIn } from './ledger.ts';
import { memoryJobs } from './memory-jobs.ts';

export interface FaultyJobsOptions {
  readonly seed: number;
  readonly faults: readonly BackgroundFault[];
  readonly share: number;
  readonly hits: Hits;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** How often the table fails for one job. */
const mostFailures = 5;

interface Trouble {
  readonly fault: BackgroundFault | null;
  readonly random: () => number;
  failures: number;
}

/**
 * The table of open jobs, each of whose operations takes its time. It fails for some jobs, of half of
 * these operations after it has done them; and it loses rows of others.
 */
export function faultyJobs({ seed, faults, share, hits, pause }: FaultyJobsOptions) {
  const jobs = memoryJobs();
  const troubles = new Map<string, Trouble>();
  /** Jobs whose row was lost. */
  const lost = new Set<string>();

  function troubleOf({ id, request }: Job): Trouble {
    const known = troubles.get(id);
    if (known) return known;
    const call = idIn(JSON.stringify(request));
    const random = draw(seed, 'table', call, troubles.size);
    const fault = drawnFault(random, faults, share);
    const trouble = { fault: fault?.startsWith('table') ? fault : null, random, failures: 0 };
    troubles.set(id, trouble);
    return trouble;
  }

  async function done<T>(id: string, work: () => Promise<T>): Promise<T> {
    const trouble = troubles.get(id);
    const random = trouble?.random ?? (() => 0.5);
    await pause(1 + Math.floor(random() * 30));
    const fails =
      trouble?.fault === 'table: unreachable' && trouble.failures < mostFailures && random() < 0.4;
    const isDone = !fails || random() < 0.5;
    const result = isDone ? await work() : null;
    await pause(1 + Math.floor(random() * 30));
    if (!fails || trouble === undefined) return result as T;
    trouble.failures += 1;
    hits.add('table: unreachable');
    throw unreachable();
  }

  const faulty: Jobs = {
    add(job, due) {
      troubleOf(job);
      return done(job.id, () => jobs.add(job, due));
    },
    get: (id) => done(id, () => jobs.get(id)),
    async taken(job) {
      const isTaken = await done(job.id, () => jobs.taken(job));
      if (troubles.get(job.id)?.fault === 'table: row lost' && job.response && !lost.has(job.id)) {
        hits.add('table: row lost');
        lost.add(job.id);
        await jobs.remove(job.id);
      }
      return isTaken;
    },
    again: (job) => done(job.id, () => jobs.again(job)),
    remove: (id) => done(id, () => jobs.remove(id)),
    lookAgain: (id, due) => done(id, () => jobs.lookAgain(id, due)),
    ofRun: jobs.ofRun,
    due: jobs.due,
  };
  return {
    jobs: faulty,
    lost,
    get open() {
      return jobs.open;
    },
  };
}

function unreachable(): ModelError {
  const at = { provider: 'openai', model: 'unknown' };
  return new ModelError('Model.Unavailable', 'The table of background calls failed. Retry.', at);
}
