// What the console adds to its pages where script runs: live progress, copying, keys, theme. Everything else is HTML.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const memory = {
  get(key) { try { return localStorage.getItem(`bartizan-${key}`); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(`bartizan-${key}`, value); } catch { /* private windows keep nothing */ } },
};

// Theme: as the system has it, light, or dark.
const themes = ["auto", "light", "dark"];
let theme = themes.includes(memory.get("theme")) ? memory.get("theme") : "auto";
const tools = document.createElement("div");
tools.className = "tools";
const button = (text, act) => {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
};
const themeButton = button("", () => {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  memory.set("theme", theme);
  showTheme();
});
function showTheme() {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  themeButton.textContent = `Theme: ${theme}`;
}
showTheme();

// Keys can be turned off (WCAG 2.1.4), and are silent where text is entered.
const help = one("#help");
const keysOn = one("#keys-on");
if (help && keysOn) {
  keysOn.checked = memory.get("keys") !== "off";
  keysOn.addEventListener("change", () => memory.set("keys", keysOn.checked ? "on" : "off"));
  tools.append(themeButton, button("Keys", () => help.showModal()));
}

function menu() {
  one("nav.menu")?.append(tools);
  const strip = one("nav.menu");
  const current = strip && one("[aria-current]", strip);
  // Where the menu is a strip, the current entry is brought into it; the page itself stays where it is.
  if (current && strip.scrollWidth > strip.clientWidth) strip.scrollLeft = current.offsetLeft - strip.clientWidth / 2;
}
menu();

// A status line for what happens without a visible change.
const said = document.createElement("p");
said.className = "hide";
said.setAttribute("role", "status");
document.body.append(said);
const say = (text) => { said.textContent = text; };

async function copy(text, from) {
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
    if (from) {
      from.textContent = "Copied";
      setTimeout(() => { from.textContent = "Copy"; }, 1500);
    }
  } catch {
    say("The browser does not let this page copy. Select the text instead.");
  }
}

function dress(root) {
  for (const place of all(".command, .copy", root)) {
    if (one(":scope > button", place)) continue;
    const made = button("Copy", () => copy(one("code", place).textContent, made));
    const text = one("code", place).textContent.slice(0, 60);
    made.setAttribute("aria-label", place.matches(".command") ? `Copy ${text}` : "Copy all");
    place.append(made);
  }
}
dress(document);

// Rows: the one that the keys act on.
let here = null;
const rows = () => all("[data-row]", one("main"));
function go(step) {
  const list = rows();
  if (list.length === 0) return;
  const at = list.indexOf(here);
  const next = list[Math.min(Math.max(at + step, 0), list.length - 1)] ?? list[0];
  here?.classList.remove("here");
  here = next;
  here.classList.add("here");
  one("summary, a[data-open], a, input", here)?.focus({ preventScroll: true });
  here.scrollIntoView({ block: "nearest" });
}

function open() {
  const fold = here && one("details", here);
  if (fold) fold.open = !fold.open;
  else if (here) one("a[data-open]", here)?.click();
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  o: open,
  Enter: open,
  x: () => here && one("input[type=checkbox]", here)?.click(),
  c: () => {
    const command = (here && one(".command code", here)) ?? one("main .command code");
    if (command) copy(command.textContent);
  },
  i: () => one("form[action='/findings/ignore']")?.requestSubmit(),
  "/": () => (one("main input[type=search]") ?? one("main select"))?.focus(),
  "?": () => help?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !keysOn?.checked || help.open) return;
  const target = event.target;
  if (target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  // Enter keeps its meaning on what can be pressed.
  if (event.key === "Enter" && target.closest("a, button, summary, input")) return;
  const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (!row || row === here) return;
  here?.classList.remove("here");
  here = row;
  here.classList.add("here");
});

// Takes the newest state of this page, and keeps what is open, selected and focused.
async function refresh() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
  if (!answer.headers.get("content-type")?.startsWith("text/html")) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const opened = new Set(all("main details[data-key][open]").map((fold) => fold.dataset.key));
  const chosen = new Set(all("main input[name=f]:checked").map((box) => box.value));
  const focused = document.activeElement?.closest("main [data-row]");
  const key = focused && one("details[data-key]", focused)?.dataset.key;
  const typing = document.activeElement?.closest("main form.filters");
  for (const selector of typing ? [] : ["main", "nav.menu", ".brand"]) {
    const now = one(selector);
    const next = one(selector, fresh);
    if (now && next) now.replaceWith(document.adoptNode(next));
  }
  document.title = fresh.title;
  document.body.dataset.generation = fresh.body.dataset.generation ?? "";
  here = null;
  for (const fold of all("main details[data-key]")) {
    if (opened.has(fold.dataset.key)) fold.open = true;
    if (fold.dataset.key === key) one("summary", fold)?.focus({ preventScroll: true });
  }
  for (const box of all("main input[name=f]")) box.checked = chosen.has(box.value);
  for (const icon of all("link[rel=icon]")) icon.href = `/icon.svg?${document.body.dataset.generation}`;
  dress(one("main"));
  menu();
}

// The run: what it does, and its end.
const run = one("#run");
if (run) {
  const stages = JSON.parse(run.dataset.stages || "{}");
  const text = one("#run-text");
  const bar = one("#run-bar");
  const shows = (running) => {
    bar.hidden = !running;
    one("#run-cancel").hidden = !running;
    one("#run-start").hidden = running;
  };
  const put = (words) => { if (text.textContent !== words) text.textContent = words; };
  let stage = null;
  const onProgress = (event) => {
    const now = JSON.parse(event.data);
    shows(true);
    if (now.bytes > 0) {
      bar.max = now.bytes;
      bar.value = now.bytes_done;
    } else {
      bar.removeAttribute("value");
    }
    // The words change with the stage alone, so that a screen reader is not told each file.
    if (stage !== now.stage || now.cancelling) put(now.cancelling ? "Stopping" : stages[now.stage] ?? "Checking");
    stage = now.stage;
    bar.title = now.files > 0 ? `${now.files_done} of ${now.files} files` : "";
  };
  const end = (words) => {
    shows(false);
    put(words);
    stage = null;
  };
  const onDone = (event) => {
    const { generation } = JSON.parse(event.data);
    const fresh = String(generation) !== document.body.dataset.generation;
    end(fresh ? "The check has finished" : "");
    if (fresh) refresh();
  };
  const onFailed = (event) => {
    // A run may have begun and failed while nobody saw the tab.
    const unseen = String(JSON.parse(event.data).generation) !== document.body.dataset.generation;
    const fresh = unseen || stage !== null || bar.hidden === false;
    end(fresh ? "The check could not be finished" : "");
    if (fresh) refresh();
  };
  // A browser opens six connections to one host, and a tab that nobody sees needs none: the state is told anew when
  // it is shown again.
  let events = null;
  const listen = () => {
    if (document.visibilityState === "hidden") {
      events?.close();
      events = null;
      return;
    }
    if (events) return;
    events = new EventSource("/events");
    events.addEventListener("progress", onProgress);
    events.addEventListener("done", onDone);
    events.addEventListener("failed", onFailed);
  };
  listen();
  document.addEventListener("visibilitychange", listen);
  addEventListener("pageshow", listen);
  addEventListener("pagehide", () => {
    events?.close();
    events = null;
  });
}
