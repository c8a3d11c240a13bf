/** The Python that has PyTorch, as BENCH_PYTHON names it; undefined where it names none. */
export function benchPython(): string | undefined {
  return process.env['BENCH_PYTHON'] || undefined;
}
