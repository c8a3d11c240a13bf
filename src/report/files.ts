/** The report page beside summary.md and summary.json. */
export const PAGE_FILE = 'index.html';
/** Where all three go, from the project's root, unless the reporter's options say otherwise. */
export const REPORTS_FOLDER = 'reports';
