import { edgeRows, nodeRows, texels } from './buffers.ts';
import type { Camera, Size } from './camera.ts';
import type { Palette } from './palette.ts';
import type { Scene } from './scene.ts';
import {
  arrowVertex,
  edgeFragment,
  boxFragment,
  dotFragment,
  edgeVertex,
  nodeFragment,
  nodeVertex,
  plainEdgeFragment,
  plainFragment,
} from './shaders.ts';

const bends = 12;
/** Fewer pixels a unit than this, or more edges than that: edges are straight and have no heads. */
const bentFrom = 16;
const bentMost = 4_000;
/** Nearer than this, nodes have shapes and rims. */
const dotsBelow = 11;
/** With more edges than this, those with both ends out of view are left out. */
const passingMost = 1_000;

export interface Frame {
  camera: Camera;
  size: Size;
  /** Device pixels of one CSS pixel. */
  ratio: number;
  /** Seconds, for what flows; 0 for standing still. */
  timeS: number;
  /** Edges drawn at most, the most important ones. */
  most: number;
}

export interface Renderer {
  /** There is no graphics card: a processor draws. */
  isSoftware: boolean;
  load(scene: Scene, palette: Palette): void;
  draw(frame: Frame): void;
  destroy(): void;
}

/** Whether bundles between boxes are drawn instead of edges. */
export const isFar = ({ camera }: { camera: Camera }, bundles: number): boolean =>
  bundles > 0 && camera.scale < bentFrom;

/**
 * Draws scenes with WebGL 2; null where there is none. Each kind of thing is one call, whatever its number: things are
 * read from a texture by the number of the vertex. Instances would say the same, and take ten times as long where a
 * processor draws.
 */
export function createRenderer(canvas: HTMLCanvasElement): Renderer | null {
  const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, depth: false });
  if (!gl) return null;
  const programs = {
    edge: link(gl, edgeVertex, edgeFragment),
    plainEdge: link(gl, edgeVertex, plainEdgeFragment),
    arrow: link(gl, arrowVertex, plainFragment),
    box: link(gl, nodeVertex, boxFragment),
    dot: link(gl, nodeVertex, dotFragment),
    node: link(gl, nodeVertex, nodeFragment),
  };
  const edges = makeTexture(gl);
  const far = makeTexture(gl);
  const nodes = makeTexture(gl);
  let hasDashes = false;
  let counts = { edges: 0, far: 0, boxes: 0, nodes: 0 };
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  const begin = (
    program: Program,
    rows: WebGLTexture,
    corners: number,
    first: number,
    { camera, size }: Frame,
  ): void => {
    gl.useProgram(program.program);
    gl.uniform2f(program.at('uMiddle'), camera.x, camera.y);
    gl.uniform2f(program.at('uHalf'), size.width / 2, size.height / 2);
    gl.uniform1f(program.at('uScale'), camera.scale);
    gl.uniform1i(program.at('uRows'), 0);
    gl.uniform1i(program.at('uFirst'), first);
    gl.uniform1i(program.at('uCorners'), corners);
    gl.bindTexture(gl.TEXTURE_2D, rows);
  };

  const drawNodes = (frame: Frame, first: number, count: number, program = programs.node): void => {
    if (count === 0) return;
    begin(program, nodes, 6, first, frame);
    gl.drawArrays(gl.TRIANGLES, 0, 6 * count);
  };

  const drawEdges = (frame: Frame, from: WebGLTexture, first: number, count: number): void => {
    if (count === 0) return;
    const isBent = from === far || (frame.camera.scale >= bentFrom && count <= bentMost);
    const isPlain = frame.timeS === 0 && (from === far || !hasDashes);
    const program = isPlain ? programs.plainEdge : programs.edge;
    const corners = isBent ? 6 * bends : 6;
    begin(program, from, corners, first, frame);
    const hides = from === edges && counts.edges > passingMost ? 1 : 0;
    gl.uniform1f(program.at('uHidePassing'), hides);
    if (!isPlain) gl.uniform1f(program.at('uTime'), frame.timeS);
    gl.uniform1f(program.at('uArrows'), isBent ? 1 : 0);
    gl.drawArrays(gl.TRIANGLES, 0, corners * count);
    if (!isBent) return;
    begin(programs.arrow, from, 3, first, frame);
    gl.uniform1f(programs.arrow.at('uHidePassing'), hides);
    gl.drawArrays(gl.TRIANGLES, 0, 3 * count);
  };

  const write = (texture: WebGLTexture, numbers: Float32Array): void => {
    const rows = numbers.length / (texels * 4);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, texels, rows, 0, gl.RGBA, gl.FLOAT, numbers);
  };

  return {
    isSoftware: /swiftshader|llvmpipe|software/i.test(nameOf(gl)),
    load: (scene, palette) => {
      write(edges, edgeRows(scene.edges, scene.nodes, palette));
      if (scene.far) write(far, edgeRows(scene.far, scene.boxes, palette));
      write(nodes, nodeRows(scene, palette));
      hasDashes = scene.edges.some(({ dashed }) => dashed);
      counts = {
        edges: scene.edges.length,
        far: scene.far?.length ?? 0,
        boxes: scene.boxes.length,
        nodes: scene.nodes.length,
      };
    },
    draw: (frame) => {
      const { size, ratio } = frame;
      const width = Math.max(1, Math.round(size.width * ratio));
      const height = Math.max(1, Math.round(size.height * ratio));
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      gl.viewport(0, 0, width, height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      if (isFar(frame, counts.far)) {
        drawEdges(frame, far, 0, counts.far);
        drawNodes(frame, 0, counts.boxes, programs.box);
      } else {
        drawNodes(frame, 0, counts.boxes, programs.box);
        const shown = Math.round(Math.min(counts.edges, frame.most));
        drawEdges(frame, edges, counts.edges - shown, shown);
      }
      const isDot = frame.camera.scale < dotsBelow;
      drawNodes(frame, counts.boxes, counts.nodes, isDot ? programs.dot : programs.node);
    },
    destroy: () => {
      gl.getExtension('WEBGL_lose_context')?.loseContext();
    },
  };
}

function nameOf(gl: WebGL2RenderingContext): string {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

interface Program {
  program: WebGLProgram;
  at: (uniform: string) => WebGLUniformLocation | null;
}

function link(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) {
      throw new Error(`The graph's shader does not compile: ${gl.getShaderInfoLog(shader)}`);
    }
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    program,
    at: (uniform) => {
      if (!places.has(uniform)) places.set(uniform, gl.getUniformLocation(program, uniform));
      return places.get(uniform)!;
    },
  };
}

function makeTexture(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  return texture;
}
