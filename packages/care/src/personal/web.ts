// Finds e-mail addresses, links and handles in folded text, by looking outwards from the few signs that they must have
// (@, a dot between letters, a platform's name). How far it looks is bounded, so the time is linear in the text.

import type { Found } from './phone.ts';

const MAX_LOCAL = 64;
const MAX_HOST = 253;
const MAX_LINK = 2_048;

const wordUnit = /[\p{L}\p{N}_]/u;
const hostUnit = /[\p{L}\p{N}.-]/u;
const localUnit = /[\p{L}\p{N}._%+-]/u;
const linkUnit = /[^\s<>"'`«»“”‘’。,、）】」]/u;

/** Endings that make bare words with a dot between them an address, where nothing else says so. */
const ENDINGS = new Set(
  (
    'com org net edu gov info io me app dev gg tv xyz online site link chat social club live eu uk de fr es pt br it nl ' +
    'be ch at ie us ca au nz in jp kr cn tw hk sg my ph id th vn bd lk pk za ng ke eg ma ar cl mx co pe uy no se dk fi ' +
    'is pl cz sk hu ro gr si hr bg ua ru tr il sa ae ly'
  ).split(' '),
);

/** Words that stand with a dot in prose and happen to end like an address. */
const PROSE = new Set(['e.g', 'i.e', 'a.m', 'p.m', 'node.js']);

/** E-mail addresses: a name, @, and a host with a dot. */
export function findEmails(text: string): readonly Found[] {
  const found: Found[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < MAX_LOCAL && localUnit.test(text[start - 1]!)) start -= 1;
    while (start < at && /[.-]/.test(text[start]!)) start += 1;
    let end = at + 1;
    while (end < text.length && end - at <= MAX_HOST && hostUnit.test(text[end]!)) end += 1;
    end = trimEnd(text, at + 1, end, /[.-]/);
    if (start < at && /^[^.]+(\.[^.]+)*\.[\p{L}]{2,}$/u.test(text.slice(at + 1, end)))
      found.push({ start, end });
  }
  return found;
}

/**
 * Links: with a scheme, with www., or a bare host with a known ending.
 * @param isPublic - Whether a host, lower case, is one that anybody may pass on, such as a helpline's.
 */
export function findLinks(text: string, isPublic: (host: string) => boolean): readonly Found[] {
  const found: Found[] = [];
  let i = 0;
  while (i < text.length) {
    if (!hostUnit.test(text[i]!)) {
      i += 1;
      continue;
    }
    let end = i;
    while (end < text.length && hostUnit.test(text[end]!)) end += 1;
    if (text.startsWith('://', end) && /[a-z0-9-]$/i.test(text[end - 1]!)) {
      const link = withScheme(text, i, end);
      const host = hostOf(text.slice(end + 3, link.end));
      if (host !== '' && !isPublic(host)) found.push(link);
      i = Math.max(link.end, end + 3);
      continue;
    }
    const bare = bareLink(text, i, end);
    if (bare !== undefined && !isPublic(hostOf(text.slice(bare.start, bare.end)))) found.push(bare);
    i = Math.max(end, bare?.end ?? end);
  }
  return found;
}

function withScheme(text: string, start: number, schemeEnd: number): Found {
  // The scheme is the run of letters right before ://, whatever is glued to it.
  let from = schemeEnd;
  while (from > start && schemeEnd - from < 20 && /[a-z0-9-]/i.test(text[from - 1]!)) from -= 1;
  return { start: from, end: endOfLink(text, schemeEnd + 3) };
}

function bareLink(text: string, start: number, end: number): Found | undefined {
  if (end - start > MAX_HOST || text[start - 1] === '@' || text[end] === '@') return undefined;
  const host = text.slice(start, end).replace(/^[.-]+|[.-]+$/g, '');
  const from = start + /^[.-]*/.exec(text.slice(start, end))![0].length;
  const labels = host.toLowerCase().split('.');
  const ending = labels.at(-1)!;
  if (labels.length < 2 || labels.some((label) => label === '') || PROSE.has(host.toLowerCase()))
    return undefined;
  const slash = text[end] === '/' && end + 1 < text.length && linkUnit.test(text[end + 1]!);
  const known = ENDINGS.has(ending) || (slash && /^[a-z]{2,}$/.test(ending) && !/^\d+$/.test(labels[0]!));
  // "ok.so" and "end.In" are a full stop without a space: an ending in capitals, or a lone word before a rare ending.
  const sentence = /\p{Lu}/u.test(host.slice(host.lastIndexOf('.') + 1)[0]!) && !/^[^\p{Ll}]+$/u.test(host);
  if (labels[0] === 'www' ? labels.length < 3 : !known || (sentence && !slash)) return undefined;
  // Two-letter endings are words in many languages: alone, without www or a path, they need a name of five letters.
  const ambiguous = labels.length === 2 && !slash && ending.length === 2 && labels[0]!.length < 5;
  if (ambiguous && labels[0] !== 'www') return undefined;
  return { start: from, end: endOfLink(text, from) };
}

function endOfLink(text: string, start: number): number {
  let end = start;
  while (end < text.length && end - start < MAX_LINK && linkUnit.test(text[end]!)) end += 1;
  return trimEnd(text, start, end, /[.!?:;)\]}\u200b]/);
}

function hostOf(link: string): string {
  const host = /^[^/?#:]*/.exec(link)![0].toLowerCase();
  return host.replace(/^www\./, '').replace(/\.$/, '');
}

function trimEnd(text: string, start: number, end: number, unit: RegExp): number {
  let last = end;
  while (last > start && unit.test(text[last - 1]!)) last -= 1;
  return last;
}

/** Places where people have names; what follows may be one. */
const PLATFORMS = new Set(
  (
    'insta instagram ig snap snapchat telegram tg discord kik signal whatsapp wa wechat weixin 微信 微信号 line tiktok ' +
    'facebook fb messenger skype viber qq threema session mastodon reddit twitter steam psn xbox انستا تليجرام ' +
    'واتساب سناب इंस्टाग्राम व्हाट्सएप'
  ).split(' '),
);

/** Of these, the ones that are everyday words: what follows must look made up even after a colon. */
const EVERYDAY = new Set('line signal session steam messenger reddit'.split(' '));

const FILLERS = new Set(
  'is id user username name handle account acc nick @ : = - me my mi meu mon mein ist es est é heißt 是 号'.split(
    ' ',
  ),
);

/** Handles: @name, name#1234, and a name right after a platform's. */
export function findHandles(text: string): readonly Found[] {
  const found: Found[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    if (at > 0 && localUnit.test(text[at - 1]!)) continue;
    const end = endOfName(text, at + 1);
    if (end - at > 3 && /[\p{L}_]/u.test(text[at + 1]!)) found.push({ start: at, end });
  }
  for (let hash = text.indexOf('#'); hash >= 0; hash = text.indexOf('#', hash + 1)) {
    if (!/^\d{4}(?!\d)/.test(text.slice(hash + 1, hash + 6))) continue;
    let start = hash;
    while (start > 0 && hash - start < 32 && wordUnit.test(text[start - 1]!)) start -= 1;
    if (hash - start >= 2) found.push({ start, end: hash + 5 });
  }
  found.push(...namesAfterPlatforms(text));
  return found;
}

function endOfName(text: string, start: number): number {
  let end = start;
  while (end < text.length && end - start < 64 && /[\p{L}\p{N}_.-]/u.test(text[end]!)) end += 1;
  return trimEnd(text, start, end, /[.-]/);
}

function namesAfterPlatforms(text: string): readonly Found[] {
  const found: Found[] = [];
  const tokens = /[\p{L}\p{M}\p{N}_.#]+|[@:=-]/gu;
  let platform = false;
  let everyday = false;
  let fillers = 0;
  let pointed = false;
  for (const match of text.matchAll(tokens)) {
    const token = match[0].toLowerCase();
    const start = match.index;
    if (platform && FILLERS.has(token)) {
      fillers += 1;
      pointed ||= token === ':' || token === '=' || token === '@';
      platform = fillers <= 4;
      continue;
    }
    if (platform && isName(token, pointed && !everyday)) {
      const end = trimEnd(text, start, start + match[0].length, /\./);
      found.push({ start, end });
    }
    const word = token.replace(/\.+$/, '');
    platform = PLATFORMS.has(word);
    everyday = EVERYDAY.has(word);
    fillers = 0;
    pointed = false;
  }
  return found;
}

/** After a colon nearly any word is a name; without one it must look made up. */
function isName(token: string, pointed: boolean): boolean {
  const name = token.replace(/\.+$/, '');
  if (name.length < 3 || name.length > 40 || !/\p{L}/u.test(name)) return false;
  return pointed || /[_#]|\p{L}\p{N}|\p{N}\p{L}|\p{L}\.[\p{L}\p{N}]/u.test(name);
}
