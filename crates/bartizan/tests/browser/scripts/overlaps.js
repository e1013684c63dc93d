// Whether one thing that can be pressed lies over another.
const style = (element) => getComputedStyle(element);
const above = function* (element) {
  for (let box = element; box; box = box.parentElement) yield box;
};
// What sticks to an edge lies over what is scrolled under it.
const sticks = (element) => above(element).some((box) => ["sticky", "fixed"].includes(style(box).position));
const clips = (box) => style(box).overflowX !== "visible" || style(box).overflowY !== "visible"
  || style(box).clipPath !== "none";

const seen = [];
for (const element of document.querySelectorAll("a[href], button, input, select, summary")) {
  const drawn = element.ownerSVGElement || element.closest("dialog");
  if (drawn || !element.checkVisibility() || sticks(element)) continue;
  for (const { left, right, top, bottom } of element.getClientRects()) {
    const area = { element, left, right, top, bottom };
    for (const box of above(element.parentElement).filter(clips)) {
      const edge = box.getBoundingClientRect();
      area.left = Math.max(area.left, edge.left);
      area.right = Math.min(area.right, edge.right);
      area.top = Math.max(area.top, edge.top);
      area.bottom = Math.min(area.bottom, edge.bottom);
    }
    if (area.right - area.left > 2 && area.bottom - area.top > 2) seen.push(area);
  }
}

const name = (element) => (element.textContent || element.name || element.tagName).trim().slice(0, 40);
const found = [];
seen.forEach((a, at) => {
  for (const b of seen.slice(at + 1)) {
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    const nested = a.element.contains(b.element) || b.element.contains(a.element);
    if (width > 4 && height > 6 && !nested) found.push(`${name(a.element)} and ${name(b.element)}`);
  }
});
return found.length > 0 ? `lie over each other: ${found.slice(0, 3).join("; ")}` : null;
