// The errors of this package: one code for each way in which an operator's file or a caller's value can be refused.
// docs/errors.md is made from the map below. Not its concern: problems found in rows, which are a list (rules.ts).

/** Code → what it means. */
export const CareErrors = {
  CARE_HOURS: 'The opening hours are not in the form that docs/care.md describes.',
  CARE_DATE: 'A day is not a calendar day written as YYYY-MM-DD.',
  CARE_BREATHING: 'The breathing exercise has no phase, a phase without length, or no cycle.',
  CARE_PACK_SIGNATURE: "The operator's helpline file is not signed by the expected key.",
  CARE_PACK_JSON: "The operator's helpline file is not JSON, or is longer than allowed.",
  CARE_PACK_SHAPE: "The operator's helpline file does not have the form that docs/care.md describes.",
  CARE_PACK_RULES: "A row of the operator's helpline file breaks a rule that every row must keep.",
} as const;

export type CareErrorCode = keyof typeof CareErrors;

/**
 * Every failure of this package. Compare `code`, not `instanceof`. The message is the fixed sentence of the code and
 * the place in the file at most, never a value.
 */
export class CareError extends Error {
  readonly code: CareErrorCode;
  readonly retry = 'never';
  /** Where in the file or the value, as a path: `rows[3].contacts[0].hours`. */
  readonly place: string | undefined;

  constructor(code: CareErrorCode, place?: string) {
    super(place === undefined ? CareErrors[code] : `${CareErrors[code]} (${place})`);
    this.name = 'CareError';
    this.code = code;
    this.place = place;
  }
}
