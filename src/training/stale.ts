import { isDeepStrictEqual } from 'node:util';
import { describeFact, describeField, type RunRecord } from '../record.ts';

/** What a record would say today of the things that it depends on. */
export interface Present {
  readonly model: RunRecord['model'];
  readonly recipe: object;
  readonly dataSha256: string;
  readonly engine: RunRecord['engine'];
}

/** Why a record whose fingerprint no longer fits does not: what changed since, each in a few words; never empty. Pure. */
export function whyStale(record: RunRecord, present: Present): string[] {
  const reasons = [
    ...modelReasons(record.model, present.model),
    ...recipeReasons(record.recipe, present.recipe),
    ...(record.data.sha256 === present.dataSha256 ? [] : ['other data']),
    ...engineReasons(record.engine, present.engine),
  ];
  // Rates of dropout, padding that leaves the sizes alone, ... are in the fingerprint, not in the record's facts.
  return reasons.length > 0 ? reasons : ["a layer's settings"];
}

function modelReasons(before: RunRecord['model'], now: RunRecord['model']): string[] {
  if (isDeepStrictEqual(before, now)) return [];
  if (!isDeepStrictEqual(before.parameters, now.parameters)) {
    return [`${describeFact(before.parameters)} -> ${describeFact(now.parameters)} parameters`];
  }
  if (!isDeepStrictEqual(before.receptiveField, now.receptiveField)) {
    return [
      `receptive field ${describeField(before.receptiveField)} -> ${describeField(now.receptiveField)}`,
    ];
  }
  const layer = now.layers.find((each, i) => !isDeepStrictEqual(each, before.layers[i]));
  return [layer === undefined ? 'other layers' : `layer ${layer.layer} is another`];
}

function recipeReasons(before: Readonly<Record<string, unknown>>, recipe: object): string[] {
  const now = JSON.parse(JSON.stringify(recipe)) as Record<string, unknown>;
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((key) => !isDeepStrictEqual(before[key], now[key]))
    .map((key) => `${key} ${textOf(before[key])} -> ${textOf(now[key])}`);
}

function textOf(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}

function engineReasons(before: RunRecord['engine'], now: RunRecord['engine']): string[] {
  if (before.name === now.name && before.version === now.version) return [];
  return [`engine ${before.name} ${before.version} -> ${now.name} ${now.version}`];
}
