import { edgeBuffer, edgeBytes, nodeBuffer, nodeBytes } from './buffers.ts';
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

const bends = 14;
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

type Attribute = [location: number, count: number, type: 'float' | 'colour', offset: number];

const edgeAttributes: Attribute[] = [
  [1, 2, 'float', 0],
  [2, 2, 'float', 8],
  [3, 2, 'float', 16],
  [4, 4, 'float', 24],
  [5, 4, 'colour', 40],
  [6, 1, 'float', 44],
];
const nodeAttributes: Attribute[] = [
  [1, 2, 'float', 0],
  [2, 3, 'float', 8],
  [3, 4, 'colour', 20],
  [4, 4, 'colour', 24],
];

/** Draws scenes with WebGL 2; null where there is none. Each kind of thing is one call, whatever its number. */
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
  const strip = (parts: number): Float32Array =>
    Float32Array.from({ length: (parts + 1) * 4 }, (_, at) =>
      at % 2 === 0 ? Math.floor(at / 4) / parts : at % 4 === 1 ? -1 : 1,
    );
  const shapes = {
    straight: fill(gl, strip(1)),
    bent: fill(gl, strip(bends)),
    head: fill(gl, new Float32Array([0, 0, 1, -1, 1, 1])),
    quad: fill(gl, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1])),
  };
  const edges = gl.createBuffer();
  const far = gl.createBuffer();
  const nodes = gl.createBuffer();
  let hasDashes = false;
  let counts = { edges: 0, far: 0, boxes: 0, nodes: 0 };
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  const begin = (
    program: Program,
    shape: WebGLBuffer,
    instances: WebGLBuffer,
    attributes: Attribute[],
    stride: number,
    first: number,
    { camera, size }: Frame,
  ): void => {
    gl.useProgram(program.program);
    gl.uniform2f(program.at('uMiddle'), camera.x, camera.y);
    gl.uniform2f(program.at('uHalf'), size.width / 2, size.height / 2);
    gl.uniform1f(program.at('uScale'), camera.scale);
    gl.bindBuffer(gl.ARRAY_BUFFER, shape);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.vertexAttribDivisor(0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, instances);
    for (let location = 1; location < 7; location++) gl.disableVertexAttribArray(location);
    for (const [location, count, type, offset] of attributes) {
      gl.enableVertexAttribArray(location);
      const isColour = type === 'colour';
      gl.vertexAttribPointer(
        location,
        count,
        isColour ? gl.UNSIGNED_BYTE : gl.FLOAT,
        isColour,
        stride,
        first * stride + offset,
      );
      gl.vertexAttribDivisor(location, 1);
    }
  };

  const drawNodes = (frame: Frame, first: number, count: number, program = programs.node): void => {
    if (count === 0) return;
    begin(program, shapes.quad, nodes, nodeAttributes, nodeBytes, first, frame);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, count);
  };

  const drawEdges = (frame: Frame, from: WebGLBuffer, first: number, count: number): void => {
    if (count === 0) return;
    const isBent = from === far || (frame.camera.scale >= bentFrom && count <= bentMost);
    const shape = isBent ? shapes.bent : shapes.straight;
    const isPlain = frame.timeS === 0 && (from === far || !hasDashes);
    const program = isPlain ? programs.plainEdge : programs.edge;
    begin(program, shape, from, edgeAttributes, edgeBytes, first, frame);
    const hides = from === edges && counts.edges > passingMost ? 1 : 0;
    gl.uniform1f(program.at('uHidePassing'), hides);
    if (!isPlain) gl.uniform1f(program.at('uTime'), frame.timeS);
    gl.uniform1f(program.at('uArrows'), isBent ? 1 : 0);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, isBent ? (bends + 1) * 2 : 4, count);
    if (!isBent) return;
    begin(programs.arrow, shapes.head, from, edgeAttributes.slice(0, 5), edgeBytes, first, frame);
    gl.uniform1f(programs.arrow.at('uHidePassing'), hides);
    gl.drawArraysInstanced(gl.TRIANGLES, 0, 3, count);
  };

  return {
    isSoftware: /swiftshader|llvmpipe|software/i.test(nameOf(gl)),
    load: (scene, palette) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, edges);
      gl.bufferData(
        gl.ARRAY_BUFFER,
        edgeBuffer(scene.edges, scene.nodes, palette),
        gl.DYNAMIC_DRAW,
      );
      if (scene.far) {
        gl.bindBuffer(gl.ARRAY_BUFFER, far);
        gl.bufferData(
          gl.ARRAY_BUFFER,
          edgeBuffer(scene.far, scene.boxes, palette),
          gl.DYNAMIC_DRAW,
        );
      }
      gl.bindBuffer(gl.ARRAY_BUFFER, nodes);
      gl.bufferData(gl.ARRAY_BUFFER, nodeBuffer(scene, palette), gl.DYNAMIC_DRAW);
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

function fill(gl: WebGL2RenderingContext, data: Float32Array): WebGLBuffer {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  return buffer;
}
