// Keys, drawings, highlighting, copying. Pages work without it.
(() => {
  'use strict';
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const root = document.documentElement;

  // Light or dark, as chosen; else as the system has it.
  const theme = {
    stored: () => { try { return localStorage.getItem('theme'); } catch { return null; } },
    now: () => root.dataset.theme || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'),
    change() {
      root.dataset.theme = theme.now() === 'dark' ? 'light' : 'dark';
      try { localStorage.setItem('theme', root.dataset.theme); } catch { /* not remembered */ }
      draw();
    },
  };
  if (theme.stored()) root.dataset.theme = theme.stored();
  $('#theme').addEventListener('click', theme.change);

  // Drawings.
  const colour = name => getComputedStyle(root).getPropertyValue(name).trim();
  const brief = value => value >= 1e9 ? (value / 1e9).toFixed(1) + 'G' : value >= 1e6 ? (value / 1e6).toFixed(1) + 'M'
    : value >= 1e3 ? (value / 1e3).toFixed(value < 1e4 ? 1 : 0) + 'k' : String(Math.round(value * 100) / 100);
  function draw() {
    if (!window.uPlot) return;
    all('[data-chart]').forEach(place => {
      const chart = JSON.parse(place.dataset.chart);
      const stacked = place.dataset.stacked === 'true';
      const colours = chart.series.length === 1 ? ['--accent'] : ['--read', '--written', '--fresh', '--link'];
      const spoken = value => value == null ? '–' : chart.unit === '$' ? '$' + value.toFixed(2) : brief(value) + (chart.unit ? ' ' + chart.unit : '');
      const sums = chart.labels.map(() => 0);
      // A bar that stands on others is drawn to the sum, those below it over it.
      const heights = chart.series.map(one => one.values.map((value, i) => stacked ? sums[i] += value : value));
      const width = one => chart.series.length > 1 && !stacked ? uPlot.paths.linear() : uPlot.paths.bars({ size: [0.7, 48] });
      const order = chart.series.map((_, i) => i);
      if (stacked) order.reverse();
      place.replaceChildren();
      new uPlot({
        width: Math.max(200, place.clientWidth), height: 190, padding: [8, 4, 0, 0],
        legend: { live: true }, cursor: { y: false, drag: { x: false, y: false } },
        scales: { x: { time: false, range: [-0.6, chart.labels.length - 0.4] }, y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.05 : 1] } },
        axes: [
          { stroke: colour('--dim'), grid: { show: false }, ticks: { show: false }, size: 26, font: '11px system-ui',
            values: (_, at) => at.map(i => Number.isInteger(i) && chart.labels[i] !== undefined ? chart.labels[i].replace(/^\d{4}-/, '').slice(0, 14) : '') },
          { stroke: colour('--dim'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, size: 48, font: '11px system-ui',
            values: (_, at) => at.map(value => (chart.unit === '$' ? '$' : '') + brief(value)) },
        ],
        series: [{ label: 'at', value: (_, i) => i == null ? '' : chart.labels[i] },
          ...order.map(i => ({ label: chart.series[i].label, fill: chart.series.length > 1 && !stacked ? undefined : colour(colours[i % 4]), stroke: colour(colours[i % 4]),
            width: chart.series.length > 1 && !stacked ? 2 : 0, paths: width(i), points: { show: false },
            value: (_, __, ___, at) => at == null ? '' : spoken(chart.series[i].values[at]) }))],
      }, [chart.labels.map((_, i) => i), ...order.map(i => heights[i])], place);
    });
  }
  let resizing;
  addEventListener('resize', () => { clearTimeout(resizing); resizing = setTimeout(draw, 150); });

  // Code, when it comes.
  function highlight(within) {
    if (!window.hljs) return;
    all('.prose pre code[class*="language-"], pre.args code, pre.wire code', within).forEach(code => {
      if (code.dataset.highlighted || code.textContent.length > 40000) return;
      const text = code.textContent.trimStart();
      if (!code.className.includes('language-') && (text.startsWith('{') || text.startsWith('['))) code.classList.add('language-json');
      const name = (code.className.match(/language-([\w+#-]+)/) || [])[1];
      if (name && hljs.getLanguage(name)) hljs.highlightElement(code);
    });
  }
  // Where the address leads, once it is there: what is folded is opened for it.
  let sought = decodeURIComponent(location.hash.slice(1));
  function seek() {
    const found = sought && (document.getElementById(sought) || $(`[data-message="${CSS.escape(sought)}"]`));
    if (!found) return;
    sought = '';
    for (let fold = $('details', found) || found.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true;
    (found.closest('[data-item]') || found).classList.add('here');
    found.scrollIntoView({ block: 'center', behavior: 'instant' });
  }

  // What comes again at a session's end stays as open as it was.
  let opened = [];
  document.addEventListener('htmx:beforeSwap', event => {
    if (event.detail.target.id === 'tail') opened = all('[data-row]', event.detail.target).filter(item => $('details[open]', item)).map(item => item.dataset.row);
  });
  document.addEventListener('htmx:afterSettle', event => {
    all('[data-row]').filter(item => opened.includes(item.dataset.row)).forEach(item => { $('details', item).open = true; });
    opened = [];
    seek();
    highlight(event.detail.elt.parentElement || document);
    if (event.detail.target && event.detail.target.id === 'panel') event.detail.target.focus();
  });

  // A call that is looked at.
  document.addEventListener('click', event => {
    const bar = event.target.closest('.bar');
    if (bar) { all('.bar.chosen').forEach(one => one.classList.remove('chosen')); bar.classList.add('chosen'); }
    if (event.target.closest('[data-close]')) $('#panel').replaceChildren();
    const copied = event.target.closest('[data-copy]');
    if (copied && navigator.clipboard) navigator.clipboard.writeText(copied.textContent).then(() => { copied.classList.add('done'); setTimeout(() => copied.classList.remove('done'), 1500); }, () => {});
    const inserted = event.target.closest('[data-insert]');
    const sql = $('#sqlform textarea');
    if (inserted && sql) { sql.setRangeText(inserted.textContent, sql.selectionStart, sql.selectionEnd, 'end'); sql.focus(); }
  });

  // Keys.
  function step(by) {
    const items = all('[data-item]').filter(item => item.offsetParent !== null);
    const now = items.findIndex(item => item.classList.contains('here'));
    const next = items[Math.min(items.length - 1, Math.max(0, now < 0 ? 0 : now + by))];
    if (!next) return;
    items.forEach(item => item.classList.remove('here'));
    next.classList.add('here');
    (next.matches('[tabindex]') ? next : $('a', next) || next).focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  }
  const fold = item => { const of = item && $('details', item); if (of) { if (of.open) of.open = false; else $('summary', of).click(); } };
  document.addEventListener('keydown', event => {
    const typing = event.target.closest('input, textarea, select');
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.form) { event.target.form.requestSubmit(); return; }
    if (event.key === 'Escape') { if (typing) typing.blur(); $('#panel')?.replaceChildren(); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case 'j': step(1); break;
      case 'k': step(-1); break;
      case 'Enter': if (event.target.matches('[data-item]')) fold(event.target); else return; break;
      case 'e': {
        const folds = all('.said details');
        const fully = folds.every(one => one.open);
        folds.forEach(one => { one.open = !fully; });
        break;
      }
      case '/': $('#search').focus(); $('#search').select(); break;
      case 't': theme.change(); break;
      case '?': $('#help').showModal(); break;
      default: return;
    }
    event.preventDefault();
  });

  draw();
  highlight(document);
  seek();
})();
