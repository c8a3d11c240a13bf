export interface ShownAnnotation {
  readonly type: 'error' | 'warning' | 'notice';
  readonly message: string;
  /** title, file, line, ... */
  readonly properties: Readonly<Record<string, string>>;
}

/** The annotations that GitHub's runner reads out of what a step prints. Pure. */
export function annotationsIn(log: string): ShownAnnotation[] {
  return log.split(/\r?\n/).flatMap((line) => {
    const command = /^\s*::(error|warning|notice)(?: ([^:]*))?::(.*)$/.exec(line);
    if (!command) return [];
    const [, type, properties = '', message = ''] = command;
    const pairs = properties
      .split(',')
      .filter(Boolean)
      .map((pair) => {
        const [name = '', value = ''] = pair.split(/=(.*)/s);
        return [name, decoded(value.replaceAll('%3A', ':').replaceAll('%2C', ','))] as const;
      });
    return [
      {
        type: type as ShownAnnotation['type'],
        message: decoded(message),
        properties: Object.fromEntries(pairs),
      },
    ];
  });
}

function decoded(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
