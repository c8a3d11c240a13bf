/** The report page, and the same as data and as Markdown. */
export const PAGE_FILE = 'index.html';
export const SUMMARY_FILE = 'summary.json';
export const MARKDOWN_FILE = 'summary.md';
/** Where all three go, from the project's root, unless the reporter's options say otherwise. */
export const REPORTS_FOLDER = 'reports';
