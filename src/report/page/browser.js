// What runs in the page: filters, deep links, copying. Without it the page is whole and shows everything.
(() => {
  const form = /** @type {HTMLFormElement} */ (document.getElementById('filters'));
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.row')]);
  const articles = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.iteration')]);
  /** @type {string[] | undefined} */
  let texts;
  const FILTER = '#show?';

  /** @param {string} text */
  function say(text) {
    const said = document.getElementById('said');
    if (said) said.textContent = text;
  }

  function applyFilter() {
    const { status = '', iteration = '', text = '' } = Object.fromEntries(new FormData(form));
    const wanted = String(text).trim().toLowerCase();
    const active = status !== '' || wanted !== '';
    // Reading a thousand rows takes a moment: not before it is asked for.
    if (wanted !== '') texts ??= rows.map((row) => (row.textContent ?? '').toLowerCase());
    let shown = 0;
    rows.forEach((row, i) => {
      const fits =
        (status === '' || row.dataset['state'] === status) &&
        (wanted === '' || texts?.[i]?.includes(wanted) === true);
      row.hidden = !fits;
    });
    articles.forEach((article, i) => {
      const left = article.querySelectorAll('.row:not([hidden])').length;
      article.hidden = (iteration !== '' && Number(iteration) !== i) || (active && left === 0);
      if (!article.hidden) shown += left;
    });
    const none = document.getElementById('none');
    if (none) none.hidden = articles.some((article) => !article.hidden);
    const count = document.getElementById('shown');
    if (count) count.textContent = `${shown} of ${rows.length} targets`;
    return { status: String(status), iteration: String(iteration), text: String(text) };
  }

  /** The filter stands in the address, so that it can be sent and comes back with the page. */
  function onFilter() {
    const query = new URLSearchParams(Object.entries(applyFilter()).filter(([, value]) => value !== ''));
    history.replaceState(null, '', query.size > 0 ? `${FILTER}${query}` : '#');
    say(document.getElementById('shown')?.textContent ?? '');
  }

  function follow() {
    if (location.hash.startsWith(FILTER)) {
      for (const [name, value] of new URLSearchParams(location.hash.slice(FILTER.length))) {
        const field = form?.elements.namedItem(name);
        if (field instanceof HTMLSelectElement || field instanceof HTMLInputElement) field.value = value;
      }
      if (form) applyFilter();
      return;
    }
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (form && target.closest('[hidden]')) {
      form.reset();
      applyFilter();
    }
    target.closest('details')?.setAttribute('open', '');
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  }

  /** @param {string} text */
  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // From a file or in an older browser there is no clipboard to write to: the selection can be copied.
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      return done;
    }
  }

  document.addEventListener('click', async (event) => {
    const button = event.target instanceof Element ? event.target.closest('.copy') : null;
    if (!(button instanceof HTMLElement)) return;
    const done = await copy(button.dataset['markdown'] ?? '');
    button.focus();
    say(done ? 'Copied as Markdown.' : 'The browser did not let it be copied.');
    button.textContent = done ? '✓' : '✗';
    setTimeout(() => {
      button.textContent = 'copy';
    }, 1500);
  });

  // What is folded away would be missing on paper.
  /** @type {HTMLDetailsElement[]} */
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details')].filter(({ open }) => !open);
    for (const details of opened) details.open = true;
  });
  addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
  });

  if (form) {
    form.hidden = false;
    form.addEventListener('input', onFilter);
    form.addEventListener('submit', (event) => event.preventDefault());
    form.addEventListener('reset', () => setTimeout(onFilter, 0));
    applyFilter();
  }
  addEventListener('hashchange', follow);
  follow();
})();
