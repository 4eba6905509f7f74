// An operator's additions, overrides and removals: opened only when signed, judged by the rules of every row, and laid
// over a directory. Not its concern: which signature scheme (the caller's `verify`), fetching, keeping, refusing an
// older version than one already seen.

import { isDay } from './dates.ts';
import { CareError } from './errors.ts';
import { MAX_PACK_BYTES, readPack, type PackContent } from './pack-shape.ts';
import type { Directory, NextStep, Row } from './row.ts';
import { validateEmergencies, validateRows } from './rules.ts';
import { directory as builtIn } from './data/directory.ts';

// A global of every runtime that this package meets; declared here since it takes no runtime's types.
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean },
) => { decode(bytes: Uint8Array): string };

declare const checked: unique symbol;

/** A pack that has passed shape and rules; only `parsePack` and `openPack` make one. */
export interface HelplinePack extends PackContent {
  readonly [checked]: true;
}

/** Says whether `signature` over `bytes` is the operator's. A throw counts as no. */
export type VerifySignature = (bytes: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

/**
 * Opens a signed file: the signature first, over the very bytes, and only then what is in them.
 * @param file - UTF-8 JSON, at most 1 MiB.
 * @param today - The day on which the file is accepted; for a file accepted earlier, that earlier day.
 * @param base - What it will be laid over.
 * @throws CareError CARE_PACK_SIGNATURE, and whatever `parsePack` throws.
 */
export async function openPack(
  file: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
  verify: VerifySignature,
  today: string,
  base: Directory = builtIn,
): Promise<HelplinePack> {
  // A copy: the bytes judged are the bytes read, whatever the caller does to its own meanwhile.
  const bytes = file.bytes.slice();
  if (bytes.length > MAX_PACK_BYTES) throw new CareError('CARE_PACK_JSON');
  let genuine: boolean;
  try {
    genuine = await verify(bytes.slice(), file.signature.slice());
  } catch {
    genuine = false;
  }
  // A verify without types might answer something truthy that isn't yes.
  if ((genuine as unknown) !== true) throw new CareError('CARE_PACK_SIGNATURE');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CareError('CARE_PACK_JSON');
  }
  return parsePack(text, today, base);
}

/**
 * Reads a file without a signature: for an operator's own tools, and behind a signature checked elsewhere.
 * @param today - As for `openPack`.
 * @throws CareError CARE_PACK_JSON, CARE_PACK_SHAPE, or CARE_PACK_RULES with the place of the first break.
 */
export function parsePack(text: string, today: string, base: Directory = builtIn): HelplinePack {
  const pack = readPack(text);
  if (!isDay(pack.issuedOn)) throw new CareError('CARE_PACK_SHAPE', 'issuedOn');
  const merged = merge(base, pack);
  const inherited = new Map(base.rows.map((row) => [row.id, row.country]));
  pack.rows.forEach((row, i) => {
    // An override that changes the country would put one country's number under another's name.
    const country = inherited.get(row.id);
    if (country !== undefined && country !== row.country) broken(`rows[${i}].country`, 'id');
  });
  const [emergencyProblem] = validateEmergencies(pack.emergencies, today);
  if (emergencyProblem !== undefined) broken(emergencyProblem.field, emergencyProblem.rule, 'emergencies');
  const [problem] = validateRows(pack.rows, today, merged);
  if (problem !== undefined) {
    const i = pack.rows.findIndex(({ id }) => id === problem.row);
    broken(`rows[${i}].${problem.field}`, problem.rule);
  }
  return pack as HelplinePack;
}

function broken(field: string, rule: string, list?: string): never {
  throw new CareError('CARE_PACK_RULES', `${list === undefined ? '' : `${list}: `}${field}, rule ${rule}`);
}

/**
 * Lays a pack over a directory: its rows first in their country, the removed gone, grade D never shown as ever.
 * @returns the new directory, and the ids to be removed that were not there (a typing error, or gone already).
 */
export function applyPack(
  base: Directory,
  pack: HelplinePack,
): { readonly directory: Directory; readonly notFound: readonly string[] } {
  const known = new Set(base.rows.map(({ id }) => id));
  return { directory: merge(base, pack), notFound: pack.remove.filter((id) => !known.has(id)) };
}

function merge(base: Directory, pack: PackContent): Directory {
  const removed = new Set(pack.remove);
  const replaced = new Set(pack.rows.map(({ id }) => id));
  const rows = [...pack.rows, ...base.rows.filter(({ id }) => !removed.has(id) && !replaced.has(id))];
  const shown = new Map(rows.filter(({ grade }) => grade !== 'D').map((row) => [row.id, row.country]));
  const countries = new Set(pack.emergencies.map(({ country }) => country));
  return {
    // A built-in row must not send anyone on to a row that is gone; what the pack itself names is judged by the rules.
    rows: rows.map((row) => (replaced.has(row.id) ? row : withoutDangling(row, shown))),
    // Emergency numbers can be replaced, never removed, and not by a number that is itself never shown.
    emergencies: [
      ...pack.emergencies.filter(({ grade }) => grade !== 'D'),
      ...base.emergencies.filter(
        ({ country }) =>
          !countries.has(country) || pack.emergencies.some((e) => e.country === country && e.grade === 'D'),
      ),
    ],
  };
}

function withoutDangling(row: Row, shown: ReadonlyMap<string, string>): Row {
  const leads = (step: NextStep) =>
    !step.startsWith('row:') || shown.get(step.slice('row:'.length)) === row.country;
  return row.ifNobodyAnswers.every(leads)
    ? row
    : { ...row, ifNobodyAnswers: row.ifNobodyAnswers.filter(leads) };
}
