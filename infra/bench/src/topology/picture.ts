import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { buildConsole, nextProgram } from '@ambit/run/builds';
import { ensureChromium } from '@ambit/run/chromium';
import { root } from '@ambit/run/root';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { startProduct, type Product } from '../kube-api/product.ts';
import { forget, lookWhole, makeMesh, reachesLoopback } from './door.ts';
import { freePort } from './prometheus.ts';

/** What somebody at the console saw; the browser is a real Chromium, at 1440 by 900. */
export interface PictureTimes {
  /** From the page's address to its first picture, milliseconds: nobody had looked at the mesh before. */
  cold: number[];
  /** The same of a mesh that somebody looks at. */
  first: number[];
  /** Frames a second while the graph is moved and zoomed. */
  framesPerS: number[];
  nodes: number;
  edges: number;
  /** What draws: the name of a graphics card, or of software that stands in for one. */
  renderer: string;
}

const moveMs = 4_000;
const patienceMs = 60_000;

/** Opens the topology page of a mesh out of a Prometheus that is there, and moves about in it. */
export async function measurePictures(
  prometheusUrl: string,
  { runs }: { runs: number },
): Promise<PictureTimes> {
  await buildConsole();
  const executablePath = await ensureChromium();
  const consoleUrl = `http://127.0.0.1:${await freePort()}`;
  const product = await startProduct({ ...reachesLoopback, AMBIT_CONSOLE_URL: consoleUrl });
  const stopConsole = await startConsole(consoleUrl);
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    return await lookAround(browser, product, prometheusUrl, runs);
  } finally {
    await browser.close();
    await stopConsole();
    await product.stop();
  }
}

async function lookAround(
  browser: Browser,
  product: Product,
  prometheusUrl: string,
  runs: number,
): Promise<PictureTimes> {
  const times: PictureTimes = {
    cold: [],
    first: [],
    framesPerS: [],
    nodes: 0,
    edges: 0,
    renderer: '',
  };
  const session = await signIn(browser, product);
  // The first one warms the server up: what is cold is the mesh and the browser, not the program.
  for (let run = 0; run <= runs; run++) {
    const meshId = await makeMesh(product, prometheusUrl);
    const cold = await firstPicture(browser, session, product, meshId);
    await cold.close();
    if (run > 0) times.cold.push(cold.tookMs);
    await lookWhole(product, meshId);
    const known = await firstPicture(browser, session, product, meshId);
    if (run > 0) times.first.push(known.tookMs);
    if (run > 0) times.framesPerS.push(await framesWhileMoving(known.page));
    Object.assign(times, known.size, { renderer: await rendererOf(known.page) });
    await known.close();
    await forget(product, meshId);
  }
  return times;
}

type Session = Awaited<ReturnType<BrowserContext['storageState']>>;

async function signIn(browser: Browser, { url, admin }: Product): Promise<Session> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('Email').fill(admin.email);
  await page.getByLabel('Password').fill(admin.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((at) => !at.pathname.startsWith('/sign-in'));
  const session = await context.storageState();
  await context.close();
  return session;
}

/** In a browser that has nothing of the console in its cache. */
async function firstPicture(browser: Browser, session: Session, product: Product, meshId: string) {
  const context = await browser.newContext({
    storageState: session,
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  await page.goto(`${product.url}/meshes/${meshId}/topology`);
  await page.waitForFunction(
    () => performance.getEntriesByName('topology:picture').length > 0,
    undefined,
    { timeout: patienceMs },
  );
  const seen = await page.locator('[data-graph-nodes]').evaluate((graph) => ({
    tookMs: performance.getEntriesByName('topology:picture')[0]!.startTime,
    size: {
      nodes: Number(graph.dataset['graphNodes']),
      edges: Number(graph.dataset['graphEdges']),
    },
  }));
  return { ...seen, page, close: () => context.close() };
}

/** Drags and zooms in each frame, as a hand would, and counts the frames. */
async function framesWhileMoving(page: Page): Promise<number> {
  // The layout of a new mesh moves by itself at first.
  await pause(moveMs);
  return page.locator('[data-graph-nodes]').evaluate(async (graph, lengthMs) => {
    // Of the page: this program itself knows no DOM.
    const view = graph.ownerDocument.defaultView!;
    const box = graph.getBoundingClientRect();
    const middle = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
    const send = (type: string, at: { clientX: number; clientY: number }) =>
      graph.dispatchEvent(new view.PointerEvent(type, { ...at, pointerId: 1, bubbles: true }));
    // A pointer that no hand holds cannot be captured.
    graph.setPointerCapture = () => undefined;
    send('pointerdown', middle);
    const frame = () => new Promise<number>((resolve) => view.requestAnimationFrame(resolve));
    const began = await frame();
    let now = began;
    let frames = 0;
    while (now - began < lengthMs) {
      const turn = (now - began) / 400;
      send('pointermove', {
        clientX: middle.clientX + Math.sin(turn) * 120,
        clientY: middle.clientY + Math.cos(turn) * 80,
      });
      const deltaY = Math.sin(turn / 3) > 0 ? -24 : 24;
      graph.dispatchEvent(new view.WheelEvent('wheel', { ...middle, deltaY, cancelable: true }));
      now = await frame();
      frames++;
    }
    send('pointerup', middle);
    return (frames / (now - began)) * 1_000;
  }, moveMs);
}

const rendererOf = (page: Page): Promise<string> =>
  page.locator('body').evaluate((body) => {
    const gl = body.ownerDocument.createElement('canvas').getContext('webgl2');
    const names = gl?.getExtension('WEBGL_debug_renderer_info');
    return gl && names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : 'not known';
  });

async function startConsole(url: string): Promise<() => Promise<void>> {
  const { port } = new URL(url);
  const child = spawn(
    process.execPath,
    [nextProgram(), 'start', 'apps/console', '--hostname', '127.0.0.1', '--port', port],
    { cwd: root, stdio: 'ignore', env: { ...process.env, NODE_ENV: 'production' } },
  );
  const end = Date.now() + patienceMs;
  while (!(await fetch(`${url}/sign-in`).catch(() => null))?.ok) {
    if (child.exitCode !== null || Date.now() > end) throw new Error('The console did not start.');
    await pause(50);
  }
  return async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
}
