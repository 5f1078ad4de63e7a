// Runs before the first paint, as a file of its own so that a strict content policy allows it.
(function () {
  var choice = 'system';
  try {
    choice = localStorage.getItem('agt.theme') || 'system';
  } catch {
    // Storage may be closed; the system's theme is the default anyway.
  }
  var dark = choice === 'dark' || (choice === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
