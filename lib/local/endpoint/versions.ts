import type { StateMachineRecord, VersionRecord } from './records.ts';
import type { Service } from './service.ts';

/** Publishes a machine's current revision; one that is published already keeps its version. */
export function publish(
  service: Service,
  machine: StateMachineRecord,
  description: string | undefined,
): VersionRecord {
  const { store, machines } = service;
  const known = machines
    .versions(machine.arn)
    .find(({ revision }) => revision === machine.revision);
  if (known) return known;
  const number = machine.nextVersion;
  const version: VersionRecord = {
    arn: `${machine.arn}:${number}`,
    machineArn: machine.arn,
    ...{ number, description },
    revision: machine.revision,
    creationDate: service.now(),
  };
  store.versions.put(version.arn, version);
  store.machines.put(machine.arn, { ...machine, nextVersion: number + 1 });
  return version;
}
