// What stands at the address in `arguments[0]`. A page is taken apart by the browser's own parser, without being shown:
// such a document runs no script.
const here = new URL(arguments[0], location.origin);
const isPublished = /^\/(rules\/|frameworks($|\/))/.test(here.pathname);
const answer = await fetch(here);
const type = answer.headers.get("content-type") ?? "";
const body = await answer.text();
const told = { status: answer.status, bytes: new TextEncoder().encode(body).length, links: [], foreign: [] };
// What is meant to be saved is no page of this site.
told.page = type.startsWith("text/html") && !answer.headers.has("content-disposition");
if (!told.page) return told;

const page = new DOMParser().parseFromString(body, "text/html");
for (const link of page.querySelectorAll("a[href]")) {
  const to = new URL(link.getAttribute("href"), here);
  if (to.origin === location.origin) told.links.push(to.pathname + to.search);
  // The pages of rules and frameworks name what is published about them; what a project names is no link.
  else if (!isPublished || to.protocol !== "https:") told.foreign.push(to.href.slice(0, 80));
}
for (const element of page.querySelectorAll("*")) {
  for (const { name, value } of element.attributes) {
    const runs = /^(href|src|action|formaction)$/.test(name) && /^\s*(javascript|data|vbscript):/i.test(value);
    if (runs || name.startsWith("on") || name === "style") told.foreign.push(`${element.tagName} ${name}`);
  }
}
const strange = "script:not([src^='/static/']), img, iframe, object, embed, base";
for (const element of page.querySelectorAll(strange)) told.foreign.push(element.tagName);
return told;
