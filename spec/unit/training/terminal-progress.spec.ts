import { describe, expect, test } from 'vitest';
import { epochLine } from '../../../src/training/progress.ts';
import { trainingDisplay } from '../../../src/training/terminal-progress.ts';
import { epoch } from '../../support/records.ts';
import { screen } from '../../support/screen.ts';

const EPOCHS = 15;
const STEPS = 4;

/** A run of which `until` epochs are done, and one step of the next. */
function trained(columns: number, until: number) {
  const shown = screen(columns);
  const display = trainingDisplay({
    name: '5-x',
    epochs: EPOCHS,
    measured: 'validation',
    stream: shown.stream,
  });
  const steps = until * STEPS + (until < EPOCHS ? 1 : 0);
  for (let step = 1; step <= steps; step++) {
    display.onStep(step, EPOCHS * STEPS);
    if (step % STEPS === 0) display.onEpoch(epoch(step / STEPS, 99.4, 98.7));
  }
  return { ...shown, display };
}

describe.each([30, 80, 160])('a training on a terminal of %i columns', (columns) => {
  test('leaves a line for every epoch, and below it one bar with one time left', async () => {
    const { lines, display } = trained(columns, 3);
    const shown = await lines();
    display.end();
    const whole = shown.join('').replaceAll(/ +/g, ' ');
    for (const number of [1, 2, 3]) {
      expect(whole).toContain(`epoch ${number}/15 LR 0.0100 train 98.70 % validation 99.40 % 1.0 s`);
    }
    expect(shown.filter((line) => /[█░]/.test(line))).toHaveLength(1);
    expect(shown.at(-1)).toMatch(/^█*░+ \d+ %(?:, \d+s left)?$/);
  });

  test('takes the bar away at the end', async () => {
    const { lines, display } = trained(columns, EPOCHS);
    display.end();
    const shown = await lines();
    expect(shown.join('\n')).not.toMatch(/[█░]|left/);
    expect(shown.join('')).toContain('epoch 15/15');
  });
});

test('a training hides no cursor and changes no line breaks, so that it can be killed at any moment', async () => {
  const { written, display } = trained(80, 3);
  expect(await written()).toContain('epoch  3/15');
  display.end();
  // oxlint-disable-next-line no-control-regex -- the terminal's own sequences
  expect(await written()).not.toMatch(/\u001B\[\?(?:25|7)[hl]/);
});

describe('the line of an epoch', () => {
  const widest = {
    ...epoch(15, 99.99, 99.99),
    validationCorrect: 9_999,
    validationTotal: 10_000,
    seconds: 99.9,
  };

  test('has the test images and those that the recipe sets apart by their right names', () => {
    expect(epochLine(widest, EPOCHS)).toMatch(/validation 99\.99 % {2}test 99\.99 %/);
    expect(epochLine(widest, EPOCHS, 'validation')).toMatch(/set apart 99\.99 % {2}validation 99\.99 %/);
  });

  test('fits 80 columns', () => {
    expect(epochLine(widest, EPOCHS).length).toBeLessThanOrEqual(80);
  });
});
