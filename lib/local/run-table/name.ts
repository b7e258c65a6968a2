/** What stands for the placeholder `RunTable` on this machine. */
export const runTableName = 'cloudgather-runs';
