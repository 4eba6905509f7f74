// A process that the crash tests kill: opens a vault and does what its first argument says, one line of output a step.
import { writeSync } from 'node:fs';
import { openVault } from '../../src/store/index.ts';
import { applyStep, stepCount } from './crash-model.ts';

const [mode = '', location = ''] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);
const secret = { passphrase: 'correct horse' };
// Without a handler the kernel ends a process that writes beyond its file size limit.
process.on('SIGXFSZ', () => undefined);

try {
  const vault = await openVault({ location, secret, kdfCost: { passes: 1, memoryKib: 8 } });
  say('open');
  if (mode === 'hold') {
    await new Promise((resolve) => process.stdin.once('data', resolve));
    await vault.close();
  }
  if (mode === 'write') {
    for (let step = await vault.read(stepCount); ; step++) {
      await vault.transact((tx) => applyStep(tx, step));
      say(String(step + 1));
    }
  }
  if (mode === 'fill') {
    let step = await vault.read(stepCount);
    let failed = false;
    for (; !failed; step++) {
      await vault
        .transact((tx) => applyStep(tx, step, 4_000))
        .catch((error: unknown) => {
          say(`failed ${(error as { code: string }).code}`);
          failed = true;
        });
    }
    say(`after failure ${String((await vault.read(stepCount)) === step - 1)}`);
    await new Promise((resolve) => process.stdin.once('data', resolve));
    for (const end = step + 20; step < end; step++)
      await vault.transact((tx) => applyStep(tx, step - 1, 4_000));
    say(`done ${String(await vault.read(stepCount))}`);
    await vault.close();
  }
  process.exit(0);
} catch (error) {
  say(`error ${(error as { code?: string }).code ?? String(error)}`);
  process.exit(1);
}
