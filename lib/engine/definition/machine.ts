import type { Json, JsonObject } from '../../json.ts';
import { anything, type FieldCheck, integer, isObject, oneOf, text } from './field-check.ts';
import { checkGraph } from './graph.ts';
import type { Site } from './site.ts';
import { checkState } from './state.ts';
import { both, checkFields, type FieldRule, requireFields } from './state-rules.ts';
import { isDistributed } from './states/map.ts';

type Fields = Readonly<Record<string, FieldRule>>;

const container: Fields = {
  StartAt: both(text),
  States: both((value, site) => {
    if (!isObject(value) || Object.keys(value).length === 0) {
      site.fail('States must be a non-empty object');
    }
  }),
  Comment: both(anything),
};

const topLevel: Fields = {
  ...container,
  Version: both(text),
  TimeoutSeconds: both(integer(1)),
  QueryLanguage: both(oneOf('JSONPath', 'JSONata')),
};

const processorConfig: FieldCheck = (value, site) => {
  if (!isObject(value)) {
    site.fail('Value must be an object');
    return;
  }
  checkFields(
    value,
    {
      Mode: both(oneOf('INLINE', 'DISTRIBUTED')),
      ExecutionType: both(oneOf('STANDARD', 'EXPRESS')),
    },
    site,
  );
};

const processor: Fields = { ...container, ProcessorConfig: both(processorConfig) };

/** What a whole walk shares. */
interface Walk {
  /** Every state's name, with the place where it was met first. */
  readonly names: Map<string, string>;
  /** The containers whose shape is right, for the graph. */
  readonly containers: { readonly machine: JsonObject; readonly site: Site }[];
}

/** Checks a state machine from its top. The graph is looked at when all else is right. */
export function checkMachine(machine: JsonObject, site: Site): void {
  const walk: Walk = { names: new Map(), containers: [] };
  checkContainer(machine, topLevel, site, walk);
  if (!site.options.findings.any) {
    checkGraphs(walk);
  }
}

/** Checks one state by itself, with what is inside it; its transitions lead nowhere. */
export function checkLoneState(state: JsonObject, site: Site): void {
  const walk: Walk = { names: new Map(), containers: [] };
  checkInside(state, checkState(state, site), walk);
  if (!site.options.findings.any) {
    checkGraphs(walk);
  }
}

function checkGraphs(walk: Walk): void {
  for (const { machine, site } of walk.containers) {
    checkGraph(machine, site);
  }
}

function checkContainer(machine: JsonObject, fields: Fields, site: Site, walk: Walk): void {
  const complete = requireFields(machine, ['States', 'StartAt'], site);
  checkFields(machine, fields, site);
  const states = machine.States;
  if (!complete || !isObject(states)) {
    return;
  }
  walk.containers.push({ machine, site });
  for (const [name, state] of Object.entries(states)) {
    const place = site.at('States').at(name);
    checkName(name, place, walk);
    if (!isObject(state)) {
      place.fail('Value must be an object');
      continue;
    }
    const inner = checkState(state, place);
    checkInside(state, inner, walk);
  }
}

function checkName(name: string, site: Site, walk: Walk): void {
  if (name.length > 80 || name === '') {
    site.fail('State name must have between 1 and 80 characters');
  }
  if (walk.names.has(name)) {
    site.fail(`Duplicate state name: ${name}`, 'DUPLICATE_STATE_NAME');
  }
  walk.names.set(name, site.location);
}

/** The state machines inside a Parallel or a Map: their states inherit the machine's own language. */
function checkInside(state: JsonObject, site: Site, walk: Walk): void {
  const inner = site.with({ language: site.options.machineLanguage });
  if (state.Type === 'Parallel' && Array.isArray(state.Branches)) {
    for (const [index, branch] of state.Branches.entries()) {
      checkInner(branch as Json, container, inner.at('Branches').at(index), walk);
    }
  }
  if (state.Type === 'Map') {
    for (const name of ['ItemProcessor', 'Iterator']) {
      if (isObject(state[name])) {
        const machine = state[name];
        const express = isDistributed(machine)
          ? (machine.ProcessorConfig as JsonObject).ExecutionType === 'EXPRESS'
          : inner.express;
        checkInner(machine, processor, inner.at(name).with({ express }), walk);
      }
    }
  }
}

function checkInner(machine: Json, fields: Fields, site: Site, walk: Walk): void {
  if (isObject(machine)) {
    checkContainer(machine, fields, site, walk);
  } else {
    site.fail('Value must be an object');
  }
}
