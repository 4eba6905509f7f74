// Folds text so that a detector written for plain digits and signs also sees full-width, Arabic-Indic, Devanagari and
// other digits. One unit in, one unit out: a place in the folded text is the same place in the original.

/** The code point of digit zero of each decimal script (Unicode category Nd) that a chat is likely to hold. */
const ZEROS = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6,
  0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
  0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
];

/** Mathematical digits, five sets of ten, each digit two units long. */
const MATH_ZERO = 0x1d7ce;
const MATH_END = 0x1d7ff;

/** A unit that a detector skips: zero-width and direction marks, and the second half of a folded digit. */
export const SKIP = '\u200b';

/** @returns text of the same length in which digits, full-width signs and invisible marks have one spelling each. */
export function fold(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      out += text[i]!;
    } else if (unit === 0xd835 && i + 1 < text.length) {
      const point = text.codePointAt(i)!;
      const isDigit = point >= MATH_ZERO && point <= MATH_END;
      out += isDigit ? String((point - MATH_ZERO) % 10) + SKIP : text.slice(i, i + 2);
      i += 1;
    } else {
      out += foldUnit(unit) ?? text[i]!;
    }
  }
  return out;
}

function foldUnit(unit: number): string | undefined {
  if (unit >= 0xff01 && unit <= 0xff5e) return String.fromCharCode(unit - 0xfee0);
  if ((unit >= 0x200b && unit <= 0x200f) || (unit >= 0x202a && unit <= 0x202e)) return SKIP;
  if ((unit >= 0x2060 && unit <= 0x2069) || unit === 0xfeff || unit === 0xad) return SKIP;
  if (unit === 0xa0 || unit === 0x3000 || (unit >= 0x2000 && unit <= 0x200a) || unit === 0x202f) return ' ';
  if ((unit >= 0x2010 && unit <= 0x2015) || unit === 0x2212) return '-';
  for (const zero of ZEROS) if (unit >= zero && unit < zero + 10) return String(unit - zero);
  return undefined;
}
