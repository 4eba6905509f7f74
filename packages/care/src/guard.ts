// The personal-detail guard by itself, without the helplines' data: for pages that load the data only when it is needed.

export { scanPersonalDetails } from './personal/scan.ts';
export type { PersonalDetail, PersonalKind, PublicContacts } from './personal/scan.ts';
