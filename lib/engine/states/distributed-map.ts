import { MapState } from './map.ts';

/** Placeholder until the map run is written: an inline Map. */
export class DistributedMapState extends MapState {}
