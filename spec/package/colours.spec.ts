import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type App, installExample } from './app.ts';

let app: App;
beforeAll(async () => {
  app = await installExample('colours');
}, 300_000);
afterEach(() => app.restore());
afterAll(() => app.remove());

describe("a stranger's colour network", () => {
  test('is trained by the engine, much faster than by model.fit, and green when every target is met', async () => {
    const { exitCode, output, summary } = await app.gate();
    expect(output).toContain('targets met');
    expect(exitCode).toBe(0);
    expect(summary.iterations.map(({ id, provenance }) => [id, provenance])).toEqual([
      ['1-colours', 'trained'],
    ]);
  });

  test('is red with exit code 1 when it no longer learns', async () => {
    await app.edit('network.ts', 'peak: 0.1', 'peak: 1e-7');
    const { exitCode, output } = await app.gate();
    expect(output).toMatch(/✗ final test accuracy ≥ 90 % +[\d.]+ % \(fail\)/);
    expect(exitCode).toBe(1);
  });

  test('is red with exit code 1 when it grows', async () => {
    await app.edit('network.ts', 'filters: 24', 'filters: 48');
    const { exitCode, output } = await app.gate();
    expect(output).toMatch(/✗ parameters < 4,000 +[\d,]+ \(fail\)/);
    expect(exitCode).toBe(1);
  });
});
