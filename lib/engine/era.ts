/**
 * What AWS has changed in its histories and context objects, by the day of its first recording. An
 * execution is shown as AWS showed it when it started, so that recordings of every year can be judged
 * by one engine; what starts today gets today's form.
 */

/** Since redrive was announced (November 2023) the context object counts redrives. */
export function countsRedrives(startTime: number): boolean {
  return startTime >= Date.UTC(2023, 10, 15);
}

/**
 * Recordings up to August 2024 chain the exit of a Distributed Map to MapRunSucceeded, those since
 * November 2024 to MapRunStarted.
 */
export function mapExitFollowsStart(startTime: number): boolean {
  return startTime >= Date.UTC(2024, 9, 1);
}
