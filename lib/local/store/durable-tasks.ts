import type { TaskPort } from '../../engine/task/task-port.ts';
import type { Journal } from './journal.ts';

/** Tasks whose calls leave when everything that led to them is on the disk. */
export function durableTasks(tasks: TaskPort, journal: Journal): TaskPort {
  return {
    refuse: (resource) => tasks.refuse(resource),
    run: (call) => journal.settled().then(() => tasks.run(call)),
  };
}
