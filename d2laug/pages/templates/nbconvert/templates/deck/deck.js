// The slides of the course: long ones are divided, then reveal.js shows them; explorer.js moves the
// recorded explorers, and with a token in the address a kernel's lie over them.
"use strict";
const query = new URLSearchParams(location.search);
const isCopy = query.has("receiver"); // in the window with the notes: it starts no kernel
const token = isCopy ? null : query.get("token");
const reveal = document.querySelector(".reveal");
const HEIGHT = 1080;
const BOTTOM = HEIGHT - 50; // the slide's number stands below

/** Move what does not fit from a slide into one after it, and so on. */
function divide(page) {
  const limit = page.getBoundingClientRect().top + BOTTOM;
  const rest = cut(page, limit, true);
  if (!rest) return;
  page.after(rest);
  for (let part = rest; part; part = [...part.children].find((child) => !child.matches(".notes"))) {
    part.classList.remove("fragment"); // the press that shows it is the one that turns the page
    if (part.children.length === 0) break;
  }
  divide(rest);
}

/** Cut an element at `limit`, a height in pixels, and return a copy with what lies below, or null. */
function cut(element, limit, isFirst) {
  if (element.matches("pre")) return cutCode(element, limit);
  const children = [...element.children].filter((child) => !child.matches(".notes"));
  const index = children.findIndex((child) => child.getBoundingClientRect().bottom > limit);
  if (index < 0) return null;
  const child = children[index];
  const first = isFirst && index === 0;
  const below = child.getBoundingClientRect().top >= limit;
  // code stays with its picture, and whole where a page has room for it
  const whole = child.matches(".place, .highlight") || child.querySelector("details");
  const divisible = child.matches("div, ul, section, pre") && !below && (first || !whole);
  const rest = divisible ? cut(child, limit, first) : null;
  if (!rest && first) return index + 1 < children.length ? moved(element, children.slice(1)) : null;
  return moved(element, [...(rest ? [rest] : [child]), ...children.slice(index + 1)]);
}

/** Cut code between two lines. */
function cutCode(pre, limit) {
  const height = parseFloat(getComputedStyle(pre).lineHeight);
  let lines = Math.floor((limit - pre.getBoundingClientRect().top) / height) - 1;
  const texts = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
  while (texts.nextNode())
    for (const { index } of texts.currentNode.data.matchAll(/\n/g)) {
      lines -= 1;
      if (lines > 0) continue;
      const range = document.createRange();
      range.setStart(texts.currentNode, index + 1);
      range.setEndAfter(pre.lastChild);
      return moved(pre, [range.extractContents()]);
    }
  return null;
}

function moved(element, nodes) {
  const copy = element.cloneNode(false);
  copy.removeAttribute("id");
  copy.append(...nodes);
  return copy;
}

for (const leaf of document.querySelectorAll(".slides section section")) leaf.classList.add("leaf");
if (!document.querySelector(".slide")) {
  document.body.classList.add("lesson");
  document.body.classList.toggle("with-kernel", Boolean(token));
  document.body.classList.add("measured"); // all slides have a size
  document.querySelectorAll(".leaf").forEach(divide);
  for (const one of document.querySelectorAll(".leaf .fragment")) // what it had stands a page later
    if (!one.getBoundingClientRect().height) one.classList.remove("fragment");
  document.body.classList.remove("measured");
}

Reveal.initialize({
  width: 1920,
  height: HEIGHT,
  margin: 0,
  minScale: 0.1,
  maxScale: 4,
  center: false,
  controls: false,
  hash: true,
  fragmentInURL: true,
  navigationMode: "linear",
  transition: "none",
  slideNumber: "c",
  plugins: [RevealNotes],
});

/** Lay a kernel's widgets over the recorded ones for as long as the kernel lives. */
function startKernel() {
  const frame = document.createElement("iframe");
  frame.className = "live";
  frame.title = "a live widget";
  frame.src = `/?token=${token}`;
  document.querySelector(".slides").append(frame);
  const follow = () => place(frame);
  for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(event, follow);
  const waiting = setInterval(() => {
    const widget = frame.contentDocument?.querySelector(".jupyter-widgets img");
    if (!widget) return;
    clearInterval(waiting);
    frame.dataset.ready = "yes";
    frame.contentWindow.addEventListener("keydown", forward, true);
    watch(frame);
    follow();
  }, 100);
}

function place(frame) {
  if (!frame.isConnected) return;
  const still = Reveal.getCurrentSlide().querySelector("[data-live]");
  const covered = still && [...still.querySelectorAll(".fragment.then.visible")].length > 0;
  const isSeen = Boolean(still && !covered && frame.dataset.ready);
  frame.classList.toggle("seen", isSeen);
  if (!isSeen) return window.focus();
  const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = still;
  const box = { left: offsetLeft, top: offsetTop, width: offsetWidth, height: offsetHeight };
  for (const [name, value] of Object.entries(box)) frame.style[name] = `${value}px`;
  for (const cell of frame.contentDocument.querySelectorAll("[cell-index]"))
    cell.hidden = cell.getAttribute("cell-index") !== still.dataset.live;
}

/** What a clicker sends is for the slides, even where a slider has the focus. */
function forward(event) {
  const isFree = !event.target.closest("input, select, textarea, button, [tabindex]");
  if (!isFree && !["PageUp", "PageDown", "Escape"].includes(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  document.activeElement.blur();
  window.focus();
  if (event.key !== "Escape") Reveal.triggerKey(event.keyCode);
}

/** Take the widgets away when the kernel ends, and let what was recorded be seen. */
function watch(frame) {
  const settings = frame.contentDocument.getElementById("jupyter-config-data");
  const { kernelId } = JSON.parse(settings.textContent);
  const asking = setInterval(async () => {
    const reply = await fetch(`/api/kernels/${kernelId}?token=${token}`).catch(() => null);
    const state = reply?.ok ? (await reply.json()).execution_state : "dead";
    if (!["dead", "restarting", "autorestarting"].includes(state)) return;
    clearInterval(asking);
    frame.remove();
    window.focus();
  }, 500);
}

for (const form of document.querySelectorAll("form.explorer"))
  form.addEventListener("keydown", (event) => {
    forward(event);
    event.stopPropagation(); // arrows and Space are the control's
  });
if (token) Reveal.on("ready", startKernel);
