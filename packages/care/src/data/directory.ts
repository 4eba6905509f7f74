// The directory that ships: every region's rows and emergency numbers, in the order in which they are preferred within a
// country. It holds grade D too, for whoever checks them; only selectableRows (../select.ts) may hand rows to a screen.

import type { Directory } from '../row.ts';
import { africaEmergencies, africaRows } from './africa.ts';
import { americasEmergencies, americasRows } from './americas.ts';
import { asiaEmergencies, asiaRows } from './asia.ts';
import { europeEmergencies, europeRows } from './europe.ts';
import { oceaniaEmergencies, oceaniaRows } from './oceania.ts';

/** What is known at the day of the build. Not for a screen: ask `helpFor`. */
export const directory: Directory = {
  rows: [...africaRows, ...americasRows, ...asiaRows, ...europeRows, ...oceaniaRows],
  emergencies: [
    ...africaEmergencies,
    ...americasEmergencies,
    ...asiaEmergencies,
    ...europeEmergencies,
    ...oceaniaEmergencies,
  ],
};
