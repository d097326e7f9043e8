/** Where a thing stands on the screen. Things are rows of a texture, four texels each; a vertex knows which by its number. */
const camera = `
uniform vec2 uMiddle;
uniform vec2 uHalf;
uniform float uScale;
vec4 onScreen(vec2 world) {
  vec2 at = (world - uMiddle) * uScale / uHalf;
  return vec4(at.x, -at.y, 0.0, 1.0);
}
uniform highp sampler2D uRows;
uniform int uFirst;
uniform int uCorners;
int item() { return gl_VertexID / uCorners + uFirst; }
int corner() { return gl_VertexID % uCorners; }
vec4 row(int part) {
  int at = item() * 4 + part;
  return texelFetch(uRows, ivec2(at & 2047, at >> 11), 0);
}
float radiusPx(float radius) { return max(radius * uScale, 2.2); }
`;

/** Among many edges, one with both ends out of view says nothing here. */
const passing = `
uniform float uHidePassing;
bool isPassing(vec2 a, vec2 b) {
  vec2 from = abs(onScreen(a).xy);
  vec2 to = abs(onScreen(b).xy);
  return uHidePassing > 0.5 && max(from.x, from.y) > 1.02 && max(to.x, to.y) > 1.02;
}
`;

const bow = `
vec2 bow(vec2 a, vec2 c, vec2 b, float t) {
  float s = 1.0 - t;
  return s * s * a + 2.0 * s * t * c + t * t * b;
}
`;

/** Edges: one strip of quads each, bent, as wide as told, ended at the rims of its nodes. */
export const edgeVertex = `#version 300 es
${camera}${bow}${passing}
uniform float uArrows;
out vec4 vColour;
out vec3 vAlong;
out float vFlow;
out float vDash;
void main() {
  vec4 ends = row(0);
  vec4 rest = row(1);
  vec4 look = row(2);
  vec4 colour = row(3);
  vec2 a = ends.xy;
  vec2 c = ends.zw;
  vec2 b = rest.xy;
  vec4 size = vec4(rest.zw, look.xy);
  int k = corner();
  int at6 = k % 6;
  bool isFar = at6 == 2 || at6 == 3 || at6 == 5;
  bool isRight = at6 == 1 || at6 == 4 || at6 == 5;
  vec2 part = vec2(float(k / 6 + (isFar ? 1 : 0)) * 6.0 / float(uCorners), isRight ? 1.0 : -1.0);
  float dash = look.z;
  float lengthPx = max(distance(a, c) + distance(c, b), 0.001) * uScale;
  float from = min(0.45, radiusPx(size.x) / lengthPx);
  float arrow = uArrows * (4.0 + size.z * 1.6);
  float to = max(0.55, 1.0 - (radiusPx(size.y) + arrow * 0.7) / lengthPx);
  float t = mix(from, to, part.x);
  vec2 here = bow(a, c, b, t);
  vec2 tangent = (1.0 - t) * (c - a) + t * (b - c);
  vec2 normal = normalize(vec2(-tangent.y, tangent.x) + vec2(1e-6, 0.0));
  float half_ = size.z * 0.5 + 1.0;
  vec4 at = onScreen(here);
  at.xy += vec2(normal.x, -normal.y) * part.y * half_ / uHalf;
  gl_Position = isPassing(a, b) ? vec4(2.0, 2.0, 0.0, 1.0) : at;
  vColour = colour;
  vAlong = vec3(part.x * lengthPx * (to - from), part.y * half_, size.z * 0.5);
  vFlow = size.w;
  vDash = dash;
}`;

export const edgeFragment = `#version 300 es
precision mediump float;
in vec4 vColour;
in vec3 vAlong;
in float vFlow;
in float vDash;
uniform highp float uTime;
out vec4 colour;
void main() {
  float edge = clamp(vAlong.z + 0.5 - abs(vAlong.y), 0.0, 1.0);
  float shown = vColour.a * edge;
  if (vDash > 0.5 && fract(vAlong.x / 9.0) > 0.55) discard;
  if (uTime > 0.0 && vFlow > 0.0) {
    float at = fract(vAlong.x / 46.0 - fract(uTime * vFlow)) * 46.0;
    shown = mix(shown * 0.75, edge * min(1.0, vColour.a * 2.2), smoothstep(8.0, 5.0, at));
  }
  colour = vec4(vColour.rgb * shown, shown);
}`;

/** The same without dashes and flow: half the work for a machine without a graphics card. */
export const plainEdgeFragment = `#version 300 es
precision mediump float;
in vec4 vColour;
in vec3 vAlong;
out vec4 colour;
void main() {
  float shown = vColour.a * clamp(vAlong.z + 0.5 - abs(vAlong.y), 0.0, 1.0);
  colour = vec4(vColour.rgb * shown, shown);
}`;

/** Boxes: an ellipse with a thin rim. */
export const boxFragment = `#version 300 es
precision mediump float;
in vec2 vPart;
in float vRadius;
in float vHollow;
in vec4 vFill;
in vec4 vRing;
out vec4 colour;
void main() {
  float d = (length(vPart / vec2(vRadius * vHollow, vRadius)) - 1.0) * vRadius;
  vec4 box = mix(vFill, vRing, clamp(1.0 - abs(d), 0.0, 1.0) * vRing.a);
  float shown = box.a * clamp(1.0 - d, 0.0, 1.0);
  colour = vec4(box.rgb * shown, shown);
}`;

/** Nodes from afar: dots. */
export const dotFragment = `#version 300 es
precision mediump float;
in vec2 vPart;
in float vRadius;
in vec4 vFill;
out vec4 colour;
void main() {
  float shown = vFill.a * clamp(vRadius + 0.5 - length(vPart), 0.0, 1.0);
  colour = vec4(vFill.rgb * shown, shown);
}`;

/** Arrowheads: a triangle at the rim of the target. */
export const arrowVertex = `#version 300 es
${camera}${bow}${passing}
out vec4 vColour;
void main() {
  vec4 ends = row(0);
  vec4 rest = row(1);
  vec4 look = row(2);
  vec4 colour = row(3);
  vec2 a = ends.xy;
  vec2 c = ends.zw;
  vec2 b = rest.xy;
  vec4 size = vec4(rest.zw, look.xy);
  int k = corner();
  vec2 part = k == 0 ? vec2(0.0) : vec2(1.0, k == 1 ? -1.0 : 1.0);
  float arrow = 4.0 + size.z * 1.6;
  float lengthPx = max(distance(a, c) + distance(c, b), 0.001) * uScale;
  float tip = max(0.5, 1.0 - radiusPx(size.y) / lengthPx);
  vec2 top = bow(a, c, b, tip);
  vec2 tangent = normalize((1.0 - tip) * (c - a) + tip * (b - c) + vec2(1e-6, 0.0));
  vec2 normal = vec2(-tangent.y, tangent.x);
  vec2 offset = -tangent * part.x * arrow + normal * part.y * arrow * 0.46;
  vec4 at = onScreen(top);
  at.xy += vec2(offset.x, -offset.y) / uHalf;
  gl_Position = lengthPx < 14.0 || isPassing(a, b) ? vec4(2.0, 2.0, 0.0, 1.0) : at;
  vColour = colour;
}`;

export const plainFragment = `#version 300 es
precision mediump float;
in vec4 vColour;
out vec4 colour;
void main() { colour = vec4(vColour.rgb * vColour.a, vColour.a); }`;

/** Nodes and boxes: a quad with a shape cut out of it. */
export const nodeVertex = `#version 300 es
${camera}
out vec2 vPart;
out float vRadius;
out float vShape;
out float vHollow;
out vec4 vFill;
out vec4 vRing;
void main() {
  vec4 place = row(0);
  vec2 at = place.xy;
  vec3 size = vec3(place.zw, row(1).x);
  vec4 fill = row(2);
  vec4 ring = row(3);
  int k = corner();
  vec2 part = vec2(k == 1 || k == 3 || k == 4 ? 1.0 : -1.0, k == 2 || k == 4 || k == 5 ? 1.0 : -1.0);
  float radius = size.y > 8.5 ? size.x * uScale : radiusPx(size.x);
  float reach = radius + (uScale < 11.0 ? 1.0 : 3.0);
  vec4 middle = onScreen(at);
  vec2 reaches = size.y > 8.5 ? vec2(radius * size.z, radius) + 3.0 : vec2(reach);
  middle.xy += part * reaches / uHalf;
  gl_Position = middle;
  vPart = part * reaches;
  vRadius = radius;
  vShape = size.y;
  vHollow = size.z;
  vFill = fill;
  vRing = ring;
}`;

export const nodeFragment = `#version 300 es
precision highp float;
in vec2 vPart;
in float vRadius;
in float vShape;
in float vHollow;
in vec4 vFill;
in vec4 vRing;
out vec4 colour;
float rim(vec2 p) {
  vec2 q = abs(p);
  if (vShape > 3.5) return (q.x + q.y) * 0.7071 - vRadius * 0.86;
  if (vShape > 2.5) return max(q.x, q.y) - vRadius * 0.95;
  if (vShape > 1.5) return max(q.x * 0.866 + q.y * 0.5, q.y) - vRadius * 0.98;
  if (vShape > 0.5) {
    vec2 d = q - vec2(vRadius * 0.5);
    return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0) - vRadius * 0.36;
  }
  return length(p) - vRadius;
}
void main() {
  float d = rim(vPart);
  float inside = clamp(0.5 - d, 0.0, 1.0);
  float outline = clamp(2.2 - d, 0.0, 1.0);
  float core = vHollow > 0.5 ? clamp(0.5 - (d + max(1.6, vRadius * 0.3)), 0.0, 1.0) : 0.0;
  vec3 body = mix(vFill.rgb, vRing.rgb, core);
  vec3 shown = mix(vRing.rgb, body, inside);
  float alpha = max(inside * vFill.a, outline * vRing.a * (inside > 0.0 ? vFill.a : 1.0));
  colour = vec4(shown * alpha, alpha);
}`;
