import { $, which } from 'zx';
import { GateError } from '../../../src/errors.ts';

const NAMES = ['python3', 'python'];
/** Finds the package without importing it, which would take seconds and can fail for reasons of its own. */
const FIND = `
import importlib.util
spec = importlib.util.find_spec('tensorflow')
print(spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else '', end='')
`;

/** The Python on PATH. Throws GateError where there is none; `need` says what it is needed for. */
export async function findPython(need: string): Promise<string> {
  for (const name of NAMES) if (await which(name, { nothrow: true })) return name;
  throw new GateError(
    `No Python on PATH (${NAMES.join(', ')}), which is needed to ${need}. ` +
      'Install Python 3, or unpack TensorFlow yourself and give --lib DIR.',
  );
}

/** The folder of the installed `tensorflow` package. Throws GateError where there is none. */
export async function findInstalledTensorFlow(): Promise<string> {
  const python = await findPython('look for an installed TensorFlow');
  const { stdout } = await $({ nothrow: true, quiet: true })`${python} -c ${FIND}`;
  if (stdout) return stdout;
  throw new GateError(
    `${python} has no tensorflow package: expected TensorFlow 2.12 or newer. ` +
      'Let pip fetch one (npm run tfjs-node -- --pip, 187 MB), or give --wheel FILE, --site-packages DIR or --lib DIR.',
  );
}
