/** The outputs in a GITHUB_OUTPUT file: "name=value", or "name<<delimiter", lines, "delimiter". A later one wins. Pure. */
export function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const block = /^([^=<]+)<<(.+)$/.exec(lines[i]!);
    const pair = /^([^=]+)=(.*)$/.exec(lines[i]!);
    if (block) {
      const end = lines.indexOf(block[2]!, i + 1);
      if (end === -1) throw new Error(`The output "${block[1]}" does not end with ${block[2]}.`);
      outputs[block[1]!] = lines.slice(i + 1, end).join('\n');
      i = end;
    } else if (pair) {
      outputs[pair[1]!] = pair[2]!;
    }
  }
  return outputs;
}
