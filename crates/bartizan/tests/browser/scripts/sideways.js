// Whether the page can be scrolled sideways, with what stands out.
const root = document.scrollingElement;
const room = root.clientWidth;
if (root.scrollWidth <= room) return null;
const scrolls = (element) => {
  for (let box = element.parentElement; box && box !== root; box = box.parentElement) {
    if (getComputedStyle(box).overflowX !== "visible") return true;
  }
  return false;
};
const name = (element) => `${element.tagName.toLowerCase()} ${(element.textContent ?? "").trim().slice(0, 40)}`;
const out = [...document.body.querySelectorAll("*")]
  .filter((element) => element.getBoundingClientRect().right > room + 1 && !scrolls(element));
return `scrolls sideways, ${root.scrollWidth} in ${room} pixels: ${out.slice(0, 5).map(name).join("; ")}`;
