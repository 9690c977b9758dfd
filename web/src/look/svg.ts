/** A served SVG made safe to stand in the page: only what an engraved score needs is taken over. */

const NAMESPACE = "http://www.w3.org/2000/svg";
const ELEMENTS = new Set([
  "svg",
  "g",
  "defs",
  "symbol",
  "use",
  "path",
  "rect",
  "circle",
  "ellipse",
  "line",
  "polyline",
  "polygon",
  "text",
  "tspan",
  "title",
  "desc",
  "style",
]); // prettier-ignore
const ATTRIBUTES = new Set([
  "id",
  "class",
  "d",
  "x",
  "y",
  "x1",
  "y1",
  "x2",
  "y2",
  "cx",
  "cy",
  "r",
  "rx",
  "ry",
  "dx",
  "dy",
  "width",
  "height",
  "points",
  "viewBox",
  "transform",
  "fill",
  "fill-opacity",
  "fill-rule",
  "stroke",
  "stroke-width",
  "stroke-linecap",
  "stroke-linejoin",
  "stroke-dasharray",
  "stroke-opacity",
  "opacity",
  "color",
  "font-family",
  "font-size",
  "font-style",
  "font-weight",
  "font-variant",
  "text-anchor",
  "letter-spacing",
  "text-rendering",
  "overflow",
  "preserveAspectRatio",
  "version",
  "href",
  "xml:space",
  "xml:id",
  "visibility",
]); // prettier-ignore
/** Styles that fetch something or reach out of the drawing. */
const REACHING = /@import|url\s*\(|expression|javascript:|behavior|-moz-binding/i;

/** The drawing as an element of its own, or null where the text is no SVG. */
export function safeSvg(text: string): SVGSVGElement | null {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.localName !== "svg" || root.namespaceURI !== NAMESPACE) return null;
  const copy = copied(root);
  return copy as SVGSVGElement | null;
}

function copied(source: Element): Element | null {
  if (source.namespaceURI !== NAMESPACE || !ELEMENTS.has(source.localName)) return null;
  if (source.localName === "style" && REACHING.test(source.textContent ?? "")) return null;
  const made = document.createElementNS(NAMESPACE, source.localName);
  for (const { name, localName, value } of source.attributes) {
    const key = name === "xlink:href" || localName === "href" ? "href" : name;
    if (!ATTRIBUTES.has(key) || (key === "href" && !value.startsWith("#")) || REACHING.test(value)) continue;
    made.setAttribute(key, value);
  }
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE || child.nodeType === Node.CDATA_SECTION_NODE) {
      made.append(child.textContent ?? "");
    } else if (child.nodeType === Node.ELEMENT_NODE) {
      const inner = copied(child as Element);
      if (inner) made.append(inner);
    }
  }
  return made;
}
