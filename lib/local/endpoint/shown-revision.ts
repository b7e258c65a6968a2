import type { RevisionRecord } from './records.ts';

/** A revision as the Describe operations show it; METADATA_ONLY hides the definition. */
export function shownRevision(
  revision: RevisionRecord,
  includedData: 'ALL_DATA' | 'METADATA_ONLY' | undefined,
): object {
  const { definition, roleArn, loggingConfiguration, tracingConfiguration, revisionId } = revision;
  return {
    definition: includedData === 'METADATA_ONLY' ? '{}' : definition,
    ...{ roleArn, loggingConfiguration, tracingConfiguration, revisionId },
  };
}
