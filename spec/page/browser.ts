import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Debian's Chromium, or the browser that CHROMIUM names. Throws where there is none: these specs are nothing without. */
export function launch(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error('These specs need Chromium: apt-get install chromium, or set CHROMIUM to the program.');
  }
  // Root in a container has no sandbox to start; the page is our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export interface Opened {
  readonly page: Page;
  /** What the console said and what was thrown: to be empty. */
  readonly complaints: string[];
  /** Addresses asked for: to be the file alone. */
  readonly requests: string[];
  readonly address: string;
}

/** A page from its HTML, as a file, as a reader opens it. */
export async function open(
  browser: Browser,
  html: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const file = join(mkdtempSync(join(tmpdir(), 'report-')), 'index.html');
  writeFileSync(file, html);
  const page = await (await browser.newContext(options)).newPage();
  const [complaints, requests]: [string[], string[]] = [[], []];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('request', (request) => requests.push(request.url()));
  const address = pathToFileURL(file).href;
  await page.goto(address);
  return { page, complaints, requests, address };
}
