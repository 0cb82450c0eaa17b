// The page of the pipeline builder: what it shows comes from the kernel as `shown`, what a hand does
// goes there as `picture`, `steps`, `seed`, `sample`, `resets`, or as a message.

const PART = 4 * 2 ** 20; // bytes of a file in one message: servers refuse long ones
const MOST = 2 ** 28; // bytes; one more is refused by the kernel, in words

function make(tag, settings = {}, ...children) {
  const { aria = {}, on = {}, ...rest } = settings;
  const element = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(name, value);
  for (const [name, action] of Object.entries(on)) element.addEventListener(name, action);
  element.append(...children);
  return element;
}

const button = (words, action, title = "") =>
  make("button", { type: "button", textContent: words, title, on: { click: action } });

// An image gets its new bytes without a moment of nothing in between.
function paint(image, bytes) {
  const old = image.src;
  image.src = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
  if (old) image.decode().catch(() => {}).finally(() => URL.revokeObjectURL(old));
}

function download(name, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  make("a", { href, download: name }).click();
  URL.revokeObjectURL(href);
}

async function copy(button, text) {
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // a page without https has no clipboard of its own
    const area = make("textarea", { value: text });
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = words; }, 2000);
}

// A button that asks for a file, and gives it to `use`.
function chooser(words, accept, title, use) {
  const input = make("input", { type: "file", accept, hidden: true });
  input.addEventListener("change", () => { if (input.files[0]) use(input.files[0]); input.value = ""; });
  return make("span", {}, button(words, () => input.click(), title), input);
}

function render({ model, el }) {
  const id = `builder-${Math.random().toString(36).slice(2)}`;
  const ask = (doing, args = [], buffers = []) =>
    model.send({ do: doing, with: args }, undefined, buffers);
  const put = (name, value) => { model.set(name, value); model.save_changes(); };
  const listen = (event, action) => { model.on(event, action); forget.push(() => model.off(event, action)); };
  const forget = [];
  const alone = Boolean(document.body.dataset.voila); // the page is the builder's own

  // ---- the picture

  const picture = make("select", { on: { change: () => put("picture", picture.value) } });
  const seed = make("input", { type: "number", min: 0, max: 2 ** 31 - 1, required: true });
  seed.addEventListener("change", () => {
    if (seed.checkValidity()) put("seed", Number(seed.value));
    else seed.value = model.get("seed");
  });
  const photo = chooser("Your photo…", "image/*,.heic,.heif", "a photo of your own", async (file) => {
    for (let start = 0, last = false; !last; start += PART) {
      last = start + PART >= Math.min(file.size, MOST + 1);
      const part = await file.slice(start, Math.min(start + PART, MOST + 1)).arrayBuffer();
      ask("upload", [file.name, last], [part]);
    }
  });
  const again = button("Draw again", () => put("seed", (model.get("seed") + 1) % 2 ** 31), "the next seed");
  const reset = button("Reset", () => put("resets", model.get("resets") + 1), "back to the start");

  // ---- finding an effect

  const thumbs = new Map();
  let wanted = [], active = -1;
  const list = make("ul", { id: `${id}-list`, hidden: true, className: "builder-list",
    aria: { role: "listbox", "aria-label": "effects" } });
  const find = make("input", {
    type: "search", placeholder: "Add an effect: type, or ↓", autocomplete: "off",
    aria: { role: "combobox", "aria-label": "Add an effect", "aria-controls": list.id,
      "aria-expanded": "false", "aria-autocomplete": "list" },
  });
  const said = make("p", { className: "builder-said", aria: { role: "status" } });
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const name = target.dataset.name;
      if (!isIntersecting || thumbs.has(name)) continue;
      thumbs.set(name, null);
      if (wanted.push(name) === 1) setTimeout(() => ask("thumbs", wanted.splice(0)), 50);
    }
  }, { root: list });
  const effects = model.get("menu").effects;
  const options = new Map(effects.map(({ name, group, about }, i) => [name, make("li", {
    id: `${id}-${i}`, aria: { role: "option", "aria-selected": "false", "data-name": name },
    // before the input loses the focus
    on: { mousedown: (event) => { event.preventDefault(); add(name); } },
  }, make("img", { alt: "", hidden: true }), make("span", {}, make("b", { textContent: name }),
    ` ${group}`, make("small", { textContent: about })))]));

  function offer(names) {
    list.replaceChildren(...names.map((name) => options.get(name)));
    for (const name of names) seen.observe(options.get(name));
    choose(names.length ? 0 : -1);
    open(names.length > 0);
  }
  function open(yes) {
    list.hidden = !yes;
    find.setAttribute("aria-expanded", yes);
    if (!yes) find.removeAttribute("aria-activedescendant");
  }
  function choose(index) {
    active = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", i === index));
    const item = list.children[index];
    if (!item) return;
    find.setAttribute("aria-activedescendant", item.id);
    // not scrollIntoView, which moves the whole page
    const [top, end] = [item.offsetTop, item.offsetTop + item.offsetHeight];
    if (top < list.scrollTop) list.scrollTop = top;
    if (end > list.scrollTop + list.clientHeight) list.scrollTop = end - list.clientHeight;
  }
  function search() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.toLowerCase().includes(word));
    const named = effects.filter(({ name }) => has(name));
    const others = effects.filter((e) => !has(e.name) && has(`${e.name} ${e.group}`));
    const names = [...named, ...others].map(({ name }) => name);
    said.textContent = "";
    offer(names);
    if (!names.length) ask("suggest", [find.value.trim().slice(0, 50)]);
  }
  function add(name) {
    open(false);
    find.value = said.textContent = "";
    put("steps", [...model.get("steps"), [name, 0.5, 1]]);
  }
  find.addEventListener("input", search);
  find.addEventListener("click", search);
  find.addEventListener("blur", () => open(false));
  find.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[event.key];
    if (by && list.hidden) search();
    else if (by) choose(Math.max(0, Math.min(list.children.length - 1, active + by)));
    else if (event.key === "Enter" && !list.hidden) add(list.children[active].dataset.name);
    else if (event.key === "Escape" && !list.hidden) open(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // ---- the steps

  // a key that is held down is one press: it must not remove step after step
  const once = (event) => { if (event.repeat && event.target.tagName === "BUTTON") event.preventDefault(); };
  const rows = make("ol", { className: "builder-rows", aria: { "aria-label": "steps" }, on: { keydown: once } });
  const made = [];
  let follow = null; // the button that gets the focus when the steps have moved
  function change(index, place, value) {
    const steps = structuredClone(model.get("steps"));
    steps[index][place] = value;
    put("steps", steps);
  }
  // Here and not in the kernel, whose answer would move the rows later, under another click.
  function exchange(from, to, buttons) {
    const steps = [...model.get("steps")];
    [steps[from], steps[to]] = [steps[to], steps[from]];
    follow = [to, ...buttons];
    put("steps", steps);
  }
  function makeRow(index) {
    const slider = (place) => make("input", { type: "range", min: 0, max: 1, step: 0.01,
      on: { input: (event) => change(index, place, Number(event.target.value)) } });
    const parts = {
      title: make("b"), unit: make("span", { className: "builder-unit" }),
      strength: slider(1), chance: slider(2), share: make("span"),
      up: button("↑", () => exchange(index, index - 1, ["up", "down"])),
      down: button("↓", () => exchange(index, index + 1, ["down", "up"])),
      remove: button("✕", () => {
        follow = [Math.min(index, made.length), "remove", "remove"];
        put("steps", model.get("steps").filter((_, i) => i !== index));
      }),
    };
    parts.row = make("li", { className: "builder-row" },
      make("div", { className: "builder-name" }, parts.title, parts.unit, parts.up, parts.down, parts.remove),
      make("label", {}, "strength", parts.strength), make("label", {}, "chance", parts.chance, parts.share));
    return parts;
  }
  function showSteps() {
    const steps = model.get("steps");
    while (made.length < steps.length) made.push(makeRow(made.length));
    // rows that stay keep their place, and with it the focus
    while (rows.children.length > steps.length) rows.lastChild.remove();
    rows.append(...made.slice(rows.children.length, steps.length).map(({ row }) => row));
    steps.forEach(([name, strength, probability], i) => {
      const { title, chance, share, up, down, remove, ...row } = made[i];
      title.textContent = `${i + 1} ${name}`;
      row.strength.value = strength;
      row.strength.setAttribute("aria-label", `strength of ${i + 1} ${name}`);
      chance.value = probability;
      chance.setAttribute("aria-label", `chance of ${i + 1} ${name}`);
      share.textContent = `${Math.round(100 * probability)}%`;
      [up.disabled, down.disabled] = [i === 0, i === steps.length - 1];
      for (const [one, words] of [[up, "earlier"], [down, "later"]]) one.title = `${name} ${words}`;
      remove.title = `remove ${name}`;
      for (const one of [up, down, remove]) one.setAttribute("aria-label", one.title);
    });
    find.disabled = steps.length >= model.get("menu").most;
    if (follow) {
      const [index, near, far] = follow;
      const row = made[Math.min(index, steps.length - 1)];
      (!steps.length ? find : row[near].disabled ? row[far] : row[near]).focus();
      follow = null;
    }
  }

  // ---- what is seen

  const samples = make("div", { className: "builder-samples", aria: { role: "group", "aria-label": "eight pictures" } });
  const images = Array.from({ length: 8 }, (_, i) => make("img", { alt: `picture ${i + 1}` }));
  samples.append(...images.map((image, i) => {
    const one = button("", () => put("sample", i + 1), `picture ${i + 1}, step by step`);
    one.append(image);
    return one;
  }));
  const stages = make("div", { className: "builder-stages", tabIndex: 0,
    aria: { role: "group", "aria-label": "one picture, step by step" } });
  const alert = make("p", { className: "builder-message", aria: { role: "alert" } });
  const code = make("pre");
  const note = make("span", { className: "builder-note" });

  // ---- full size

  const big = ["before", "after"].map((words) => make("img", { alt: words }));
  const panes = big.map((image) => make("div", { className: "builder-pane", tabIndex: 0,
    aria: { role: "group", "aria-label": image.alt } }, image));
  for (const [one, other] of [panes, [...panes].reverse()]) {
    one.addEventListener("scroll", () => { [other.scrollLeft, other.scrollTop] = [one.scrollLeft, one.scrollTop]; });
  }
  const exact = make("input", { type: "checkbox",
    on: { change: () => full.classList.toggle("builder-exact", exact.checked) } });
  const about = make("span", { className: "builder-note" });
  const full = make("dialog", { className: "builder-full", aria: { "aria-label": "full size" } },
    make("div", { className: "builder-line" }, button("Close", () => full.close()),
      make("label", {}, exact, " pixel by pixel"), about),
    make("div", { className: "builder-panes" }, ...panes));

  // ---- save, load, link

  const link = button("Copy link", () => {
    const url = new URL(location);
    url.searchParams.delete("token"); // it is the key to this machine
    url.hash = encodeURIComponent(model.get("shown").saved);
    history.replaceState(null, "", url);
    copy(link, url.href);
  }, "an address that opens this pipeline");
  const copyCode = button("Copy the code", () => copy(copyCode, code.textContent));
  function follows() {
    const text = location.hash.slice(1);
    if (!text) return;
    try { ask("load", [decodeURIComponent(text)]); } catch { ask("load", [text]); }
  }

  function show() {
    const { images: drawn = [], stages: steps = [], captions = [], dials = [], ...shown } = model.get("shown");
    samples.style.visibility = drawn.length ? "visible" : "hidden";
    drawn.forEach((bytes, i) => paint(images[i], bytes));
    while (stages.children.length > steps.length) stages.lastChild.remove();
    while (stages.children.length < steps.length) stages.append(make("figure", {}, make("img"), make("figcaption")));
    steps.forEach((bytes, i) => {
      const [image, caption] = stages.children[i].children;
      paint(image, bytes);
      image.alt = captions[i];
      const [title, ...rest] = captions[i].split("\n");
      caption.replaceChildren(make("b", { textContent: title }), make("span", { textContent: rest.join(" ") }));
    });
    dials.forEach((words, i) => {
      if (!made[i]) return;
      made[i].unit.textContent = made[i].unit.title = words;
      made[i].strength.setAttribute("aria-valuetext", words);
    });
    alert.textContent = shown.message ?? "";
    code.textContent = shown.code ?? "";
    note.textContent = shown.note ?? "";
    const sample = model.get("sample");
    [...samples.children].forEach((one, i) => one.setAttribute("aria-pressed", i + 1 === sample));
    picture.value = model.get("picture");
    if (document.activeElement !== seed) seed.value = model.get("seed");
    else if (seed.checkValidity() && Number(seed.value) !== model.get("seed")) seed.value = model.get("seed");
  }
  function showMenu() {
    picture.replaceChildren(...model.get("menu").pictures.map((name) =>
      make("option", { value: name, textContent: name.replaceAll("_", " ") })));
    picture.value = model.get("picture");
  }
  function heard(message, buffers) {
    if (message.thumbs) {
      message.thumbs.forEach((name, i) => {
        const image = options.get(name).firstChild;
        paint(image, buffers[i]);
        image.hidden = false;
      });
    } else if (message.close) {
      if (list.children.length) return; // typed on meanwhile
      said.textContent = `No effect is called “${find.value}”.` + (message.close.length ? " Did you mean:" : "");
      offer(message.close);
    } else if (message.full) {
      big.forEach((image, i) => paint(image, buffers[i]));
      about.textContent = message.full;
      if (!full.open) full.showModal();
    }
  }
  function newPicture() {
    for (const name of thumbs.keys()) { options.get(name).firstChild.hidden = true; seen.unobserve(options.get(name)); }
    thumbs.clear();
  }

  const controls = make("section", { className: "builder-controls", aria: { "aria-label": "pipeline" } },
    make("div", { className: "builder-line" }, make("label", {}, "picture ", picture), photo),
    make("div", { className: "builder-line" }, make("label", {}, "seed ", seed), again, reset),
    make("div", { className: "builder-find" }, find, said, list),
    rows, alert,
    make("div", { className: "builder-line builder-files" },
      button("Save", () => download("pipeline.json", model.get("shown").saved), "the pipeline, as a file"),
      chooser("Load…", ".json,.txt,application/json,text/plain", "a saved pipeline",
        async (file) => ask("load", [await file.slice(0, 100001).text()])),
      ...(alone ? [link] : [])));
  const pictures = make("section", { className: "builder-pictures", aria: { "aria-label": "pictures" } },
    samples,
    make("div", { className: "builder-line" }, "step by step: click one of the eight",
      button("Full size", () => ask("full"), "the original and the result, as large as they are")),
    stages);
  const script = make("section", { className: "builder-code", aria: { "aria-label": "script" } },
    make("div", { className: "builder-line" }, copyCode, note),
    make("div", { className: "builder-scroll", tabIndex: 0, aria: { role: "group", "aria-label": "code" } }, code));
  el.classList.add("d2laug-builder");
  el.append(make("div", { className: "builder-columns" }, controls, pictures, script), full);

  // keys are for the control that has the focus; JupyterLab keeps its commands with Ctrl and Shift
  const own = ({ target, ctrlKey, metaKey, shiftKey }) => el.contains(target) &&
    target.toggleAttribute("data-lm-suppress-shortcuts", !ctrlKey && !metaKey && !shiftKey);
  addEventListener("keydown", own, true);
  forget.push(() => removeEventListener("keydown", own, true));

  listen("change:steps", showSteps);
  listen("change:shown", show);
  listen("change:menu", showMenu);
  listen("change:picture", newPicture);
  listen("msg:custom", heard);
  showMenu();
  showSteps();
  show();
  if (alone) {
    follows();
    addEventListener("hashchange", follows);
    forget.push(() => removeEventListener("hashchange", follows));
  }
  return () => { seen.disconnect(); forget.forEach((undo) => undo()); };
}

export default { render };
