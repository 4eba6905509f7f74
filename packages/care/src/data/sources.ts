// The open lists that several rows were read from, named once with the date that each gives itself.

/** Published data set; it names a source for each of its rows. */
export const OPEN_HELPLINES = 'data set open-helplines of 2026-06-02';
export const OPEN_HELPLINES_DATE = '2026-06-02';

/** A list in a public repository whose rows were compared with the providers' sites on the day named. */
export const CHECKED_LIST = 'public list compared with the provider’s site on 2026-10-09';
export const CHECKED_LIST_DATE = '2026-10-09';

/** The day on which pages of providers, governments and press were read for this directory. */
export const GATHERED = '2026-11-22';

/** The one source seen for the European emergency number. */
export const EU_112 =
  '112.hu (112 in the EU); European Commission in news.lt, 2009-02-12: works in all member states';
