// Damaged, foreign, newer, older: each has its own clear error, and nothing is overwritten or removed.
import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { crc32c, maskedCrc32c } from '../../src/store/crc32c.ts';
import { filesOf, freshLocation, messages, notes, open, refusal } from './fixture.ts';

const COUNT = 120;
let pristine: string;

/** A store with tables as well as a log, closed. */
beforeAll(async () => {
  pristine = await freshLocation();
  const vault = await open(pristine);
  const write = (from: number) =>
    vault.transact(async (tx) => {
      for (let key = from; key < from + COUNT / 2; key++) {
        const value = `message ${String(key)}`.padEnd(200);
        await messages.put(tx, { partition: 'c', key, value }, { under: ['c', `day/${String(key % 3)}`] });
      }
    });
  await write(0);
  await vault.tidy();
  await write(COUNT / 2);
  await vault.transact((tx) => notes.put(tx, { partition: '', key: 'last', value: 'yes' }));
  await vault.close();
});

async function copy(): Promise<string> {
  const location = await freshLocation();
  await cp(pristine, location, { recursive: true });
  return location;
}

/** Reads everything; throws what the vault throws. */
async function readAll(
  location: string,
): Promise<{ count: number; rewound: boolean; last: string | undefined }> {
  const vault = await open(location);
  try {
    return await vault.read(async (view) => {
      let count = 0;
      for await (const { key, value } of messages.scan(view, 'c')) {
        expect(value.trimEnd()).toBe(`message ${String(key)}`);
        count++;
      }
      return { count, rewound: vault.rewound, last: await notes.get(view, '', 'last') };
    });
  } finally {
    await vault.close();
  }
}

async function untouched(location: string, attempt: () => Promise<unknown>): Promise<void> {
  const mine = async () => {
    const files = await filesOf(location);
    // LevelDB's own diary and the lock's folder hold nothing of anyone's.
    return [...files]
      .filter(([name]) => !name.startsWith('sotto-lock') && !/LOG(\.old)?$|LOCK$/.test(name))
      .map(([name, bytes]) => `${name} ${createHash('sha256').update(bytes).digest('hex')}`)
      .sort();
  };
  const before = await mine();
  await attempt();
  expect(await mine()).toEqual(before);
}

test('CRC-32C: the check value of RFC 3720, any length and offset, LevelDB masking', () => {
  const digits = new TextEncoder().encode('xx123456789');
  expect(crc32c(digits, 2)).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(maskedCrc32c(digits, 2, 11)).toBe((((0xe3069283 >>> 15) | (0xe3069283 << 17)) + 0xa282ead8) >>> 0);
});

test('one flipped bit anywhere: refused untouched, or all is there, or the loss is noticed', async () => {
  const files = [...(await filesOf(pristine))].filter(
    ([name, bytes]) => bytes.length > 0 && !name.startsWith('sotto-lock') && !/LOG(\.old)?$/.test(name),
  );
  expect(files.some(([name]) => name.endsWith('.ldb')) && files.some(([name]) => name.endsWith('.log'))).toBe(
    true,
  );
  const outcomes = { refused: 0, whole: 0, noticed: 0 };
  for (const [name, bytes] of files) {
    for (let i = 0; i < 9; i++) {
      const location = await copy();
      const bent = Buffer.from(bytes);
      const at = Math.floor(((i + Math.random()) / 9) * bytes.length);
      bent[at] = (bent[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
      await writeFile(join(location, name), bent);
      let code: string | undefined;
      await untouched(location, async () => {
        const found = await readAll(location).catch((error: unknown) => {
          code = (error as { code?: string }).code ?? 'no code';
        });
        if (found === undefined) return;
        const whole = found.count === COUNT && found.last === 'yes';
        if (whole) outcomes.whole++;
        else expect({ name, at, ...found }).toMatchObject({ rewound: true });
        if (!whole) outcomes.noticed++;
        code = 'opened';
      }).catch((error: unknown) => {
        if (code !== 'opened') throw error;
      });
      if (code === 'opened') continue;
      outcomes.refused++;
      expect(['STORE_CORRUPT', 'STORE_FOREIGN', 'STORE_VERSION']).toContain(code);
    }
  }
  expect(outcomes.refused).toBeGreaterThan(outcomes.whole);
}, 120_000);

test('a file cut short or missing: refused untouched', async () => {
  const names = [...(await filesOf(pristine))]
    .filter(
      ([name, bytes]) =>
        bytes.length > 0 && !/LOG(\.old)?$|LOCK$/.test(name) && !name.startsWith('sotto-lock'),
    )
    .map(([name, bytes]) => [name, bytes.length] as const);
  for (const [name, length] of names) {
    for (const change of ['missing', 'cut', 'empty'] as const) {
      // The end of a log is what a crash cuts: it is the loss that must be noticed, below.
      if (name.endsWith('.log') && change !== 'missing') continue;
      const location = await copy();
      const path = join(location, name);
      if (change === 'missing') await rm(path);
      else await truncate(path, change === 'cut' ? Math.floor(length / 2) - 1 : 0);
      await untouched(location, async () => {
        const codes = [
          'STORE_CORRUPT',
          ...(name === 'sotto-header' && change === 'empty' ? ['STORE_FOREIGN'] : []),
        ];
        const code = await readAll(location).then(
          () => `${name} ${change} opened`,
          (error: unknown) => (error as { code?: string }).code,
        );
        expect(codes).toContain(code);
      });
    }
  }
  const location = await copy();
  const log = names.find(([name]) => name.endsWith('.log'));
  await truncate(join(location, log?.[0] ?? ''), (log?.[1] ?? 0) - 10);
  expect(await readAll(location)).toMatchObject({ rewound: true });
});

test("other people's folders and files, and a newer version", async () => {
  const folder = await freshLocation();
  await mkdir(folder);
  await writeFile(join(folder, 'thesis.doc'), 'mine');
  await untouched(folder, () => expect(open(folder)).rejects.toEqual(refusal('STORE_FOREIGN')));
  const file = await freshLocation();
  await writeFile(file, 'a file');
  await expect(open(file)).rejects.toEqual(refusal('STORE_FOREIGN'));
  const other = await freshLocation();
  await mkdir(other);
  await writeFile(join(other, 'sotto-header'), Buffer.alloc(1536, 'PNG'));
  await untouched(other, () => expect(open(other)).rejects.toEqual(refusal('STORE_FOREIGN')));
  const newer = await copy();
  const header = (await filesOf(newer)).get('sotto-header') ?? Buffer.alloc(0);
  header.writeUInt32BE(2, 12);
  await writeFile(join(newer, 'sotto-header'), header);
  await untouched(newer, () => expect(open(newer)).rejects.toEqual(refusal('STORE_VERSION')));
  await untouched(await copy(), async () => {
    const location = await copy();
    await untouched(location, () =>
      expect(open(location, { secret: { passphrase: 'wrong' } })).rejects.toEqual(
        refusal('STORE_PASSPHRASE'),
      ),
    );
  });
});

test('a making that was cut short is begun again', async () => {
  const { HEADER_BYTES, markBlock } = await import('../../src/store/header.ts');
  const location = await freshLocation();
  await mkdir(join(location, 'sotto-rows'), { recursive: true });
  const header = new Uint8Array(HEADER_BYTES);
  header.set(markBlock('making'));
  await writeFile(join(location, 'sotto-header'), header);
  await writeFile(join(location, 'sotto-keys'), 'half');
  const vault = await open(location);
  await vault.transact((tx) => notes.put(tx, { partition: '', key: 'k', value: 'v' }));
  await vault.close();
  const again = await open(location);
  expect(await again.read((view) => notes.get(view, '', 'k'))).toBe('v');
  await again.close();
});

test('one part restored from an older copy is noticed, remembered until accepted, and erased keys stay erased', async () => {
  for (const part of ['sotto-rows', 'sotto-keys'] as const) {
    const location = await copy();
    const older = join(dirname(location), 'older');
    await cp(location, older, { recursive: true });
    const vault = await open(location);
    await vault.transact(async (tx) => {
      tx.eraseKey(['c', 'day/0']);
      await notes.put(tx, { partition: '', key: 'k', value: 'v' }, { under: ['new'] });
    });
    await vault.close();
    await rename(join(location, part), join(location, '..', 'newer'));
    await cp(join(older, part), join(location, part), { recursive: true });
    const rewound = await open(location);
    expect(rewound.rewound).toBe(true);
    await rewound.close();
    const still = await open(location);
    expect(still.rewound).toBe(true);
    await still.read(async (view) => {
      for await (const { key } of messages.scan(view, 'c')) expect(key % 3).not.toBe(0);
    });
    await still.acceptRewind();
    expect(still.rewound).toBe(false);
    await still.close();
    const accepted = await open(location);
    expect(accepted.rewound).toBe(false);
    await accepted.close();
  }
});
