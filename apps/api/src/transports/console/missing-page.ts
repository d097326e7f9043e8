const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A plain page for people whose console is not there (yet); it tries again by itself. */
export function consoleMissingPage(why: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="3">
<title>Ambit</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 38rem; margin: 15vh auto; padding: 0 1rem; color-scheme: light dark; }
  code { font-family: ui-monospace, monospace; }
</style>
</head>
<body>
<h1>The console is not there yet</h1>
<p>${escapeHtml(why)} The API runs: <a href="/v1/openapi.json"><code>/v1/openapi.json</code></a>,
<a href="/readyz"><code>/readyz</code></a>.</p>
<p><code>npm start</code> starts the console together with everything else. This page tries again by itself.</p>
</body>
</html>
`;
}
