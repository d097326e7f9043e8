import type { Place } from '../model/hood.ts';
import { carry, fitAll, toWorld, zoomAt, type Camera, type Size } from './camera.ts';
import { toSvg } from '../export.ts';
import { createRenderer, isFar } from './gl.ts';
import { createMeasure, paintLabels } from './paint-labels.ts';
import { readPalette } from './palette.ts';
import { pick } from './pick.ts';
import { placeLabels } from './place-labels.ts';
import type { Scene } from './scene.ts';

const targetMs = 1_000 / 60;
const leastEdges = 400;
const firstEdges = 2_500;
const coarsest = 0.4;
/** Without movement for so long, everything is drawn. */
const stillMs = 140;
const glideMs = 260;
/** Without a graphics card, words are carried along so long before they are written anew: writing them costs half a frame. */
const carriedMs = 60;

export interface Stage {
  show(scene: Scene, asked: { selected: string; hovered: string }): void;
  resize(size: Size): void;
  /** Reads the colours of the theme again. */
  recolour(): void;
  flow(on: boolean): void;
  pan(dx: number, dy: number): void;
  zoom(at: Place, by: number): void;
  fit(circles?: Iterable<Place & { radius: number }>, glide?: boolean): void;
  center(at: Place, least?: number): void;
  pick(at: Place): string;
  camera(): Camera;
  /** The picture as it stands, as SVG. */
  svg(): { text: string; size: Size };
  destroy(): void;
}

export interface StageOptions {
  picture: HTMLCanvasElement;
  words: HTMLCanvasElement;
  still: boolean;
  onCamera: (camera: Camera) => void;
}

/** Edges that say something at a distance: all from near, the most important ones from afar. */
export const atRest = (scale: number): number =>
  scale >= 40 ? Infinity : Math.round(Math.max(1_500, 6_000 * (scale / 40) ** 2));

/**
 * The graph on its two canvases: the picture by WebGL, the words above it. While it moves, as many edges are drawn as
 * the machine draws in a sixtieth of a second, the most important ones; when it stands, all. Null without WebGL 2.
 */
export function createStage({ picture, words, still, onCamera }: StageOptions): Stage | null {
  const renderer = createRenderer(picture);
  const context = words.getContext('2d');
  if (!renderer || !context) return null;
  const measure = createMeasure(context);
  let scene: Scene = { nodes: [], edges: [], boxes: [], far: null, lit: 0 };
  let asked = { selected: '', hovered: '' };
  let palette = readPalette(picture);
  let camera: Camera = { x: 0, y: 0, scale: 40 };
  let size: Size = { width: 1, height: 1 };
  let isFlowing = false;
  let budget = renderer.isSoftware ? leastEdges : firstEdges;
  /** How many of the picture's pixels are drawn while it moves, along each side; 1 on a machine that is quick. */
  let fineness = renderer.isSoftware ? coarsest : 1;
  let slow = 0;
  let movedAt = -Infinity;
  let request = 0;
  let lastFrame = 0;
  let glide: { from: Camera; to: Camera; since: number } | null = null;
  let isOld = true;
  /** For which camera the words were written, and when; null when they say something else now. */
  let written: { camera: Camera; at: number } | null = null;
  words.style.transformOrigin = '0 0';

  const ask = (): void => {
    request ||= requestAnimationFrame(frame);
  };
  const moved = (next: Camera): void => {
    camera = next;
    movedAt = performance.now();
    isOld = true;
    onCamera(camera);
    ask();
  };

  const tune = (now: number): void => {
    const tookMs = now - lastFrame;
    if (lastFrame === 0) return;
    slow = tookMs > targetMs * 1.35 ? slow + 1 : tookMs < targetMs * 1.1 ? slow - 1 : slow;
    slow = Math.max(-90, Math.min(6, slow));
    if (slow >= 4) fineness = Math.max(coarsest, fineness - 0.15);
    if (slow >= 4) slow = 0;
    if (slow <= -90) fineness = Math.min(1, fineness + 0.15);
    if (slow <= -90) slow = 0;
    if (isFar({ camera }, scene.far?.length ?? 0)) return;
    const shown = Math.min(budget, scene.edges.length);
    if (tookMs > targetMs * 1.35) {
      budget = Math.max(leastEdges, shown * Math.max(0.3, targetMs / tookMs));
    } else if (tookMs < targetMs * 1.1) budget = Math.min(scene.edges.length, shown * 1.08 + 50);
  };

  const frame = (now: number): void => {
    request = 0;
    if (glide) {
      const part = Math.min(1, (now - glide.since) / glideMs);
      const eased = 1 - (1 - part) ** 3;
      const { from, to } = glide;
      camera = {
        x: from.x + (to.x - from.x) * eased,
        y: from.y + (to.y - from.y) * eased,
        scale: from.scale * (to.scale / from.scale) ** eased,
      };
      movedAt = now;
      isOld = true;
      onCamera(camera);
      if (part === 1) glide = null;
    }
    const isMoving = now - movedAt < stillMs;
    if (isMoving || isFlowing) tune(now);
    lastFrame = isMoving || isFlowing ? now : 0;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const drawnRatio = isMoving ? ratio * fineness : ratio;
    const enough = Math.max(scene.lit, atRest(camera.scale));
    const most = isMoving || isFlowing ? Math.min(budget, enough) : enough;
    renderer.draw({ camera, size, ratio: drawnRatio, timeS: isFlowing ? now / 1_000 : 0, most });
    const carries =
      isMoving && renderer.isSoftware && written !== null && now - written.at < carriedMs;
    if (isOld && carries) words.style.transform = carry(written!.camera, camera, size);
    else if (isOld) {
      const labels = placeLabels(scene, camera, size, { ...asked, measure });
      paintLabels(context, labels, size, ratio, palette);
      words.style.transform = '';
      written = { camera, at: now };
      isOld = false;
    }
    // One more frame after the last movement draws all of it, finely.
    if (isMoving || isFlowing || glide) ask();
  };

  const go = (to: Camera, glides: boolean): void => {
    if (!glides || still) {
      glide = null;
      moved(to);
    } else {
      glide = { from: camera, to, since: performance.now() };
      ask();
    }
  };
  const changed = (): void => {
    isOld = true;
    written = null;
    ask();
  };

  return {
    show: (next, about) => {
      scene = next;
      asked = about;
      renderer.load(scene, palette);
      changed();
    },
    resize: (next) => {
      size = next;
      changed();
    },
    recolour: () => {
      palette = readPalette(picture);
      renderer.load(scene, palette);
      changed();
    },
    flow: (on) => {
      isFlowing = on && !still;
      changed();
    },
    pan: (dx, dy) => {
      glide = null;
      moved({ ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / camera.scale });
    },
    zoom: (at, by) => {
      glide = null;
      moved(zoomAt(camera, size, at, by));
    },
    fit: (circles, glides = true) => {
      go(fitAll(circles ?? [...scene.boxes, ...scene.nodes], size), glides);
    },
    center: (at, least = 0) => go({ x: at.x, y: at.y, scale: Math.max(camera.scale, least) }, true),
    pick: (at) => {
      const { edges } = scene;
      const isSeen = !isFar({ camera }, scene.far?.length ?? 0);
      const seen = isSeen ? edges.slice(-Math.max(scene.lit, atRest(camera.scale))) : [];
      return pick({ ...scene, edges: seen }, toWorld(camera, size, at), camera.scale);
    },
    camera: () => camera,
    svg: () => ({
      text: toSvg(
        scene,
        placeLabels(scene, camera, size, { ...asked, measure }),
        camera,
        size,
        palette,
      ),
      size,
    }),
    destroy: () => {
      cancelAnimationFrame(request);
      request = -1;
      renderer.destroy();
    },
  };
}
