// Moves the explorers of a page through the frames that a kernel drew when the site was made.
// It knows no transform: each place of the controls has its pictures and its words.

const waiting = {}; // what to do with a script's frames when they arrive
function recorded(name, part, data) {
  waiting[`${name}/${part}`](data);
}

function start(form) {
  const all = (css) => [...form.querySelectorAll(css)];
  const controls = all("input, select"), images = all("img"), drawings = all(".drawing");
  const [readout, said, audio, button] = [".readout", ".said", "audio", ".answers"].map((css) => form.querySelector(css));
  const { name, cover } = form.dataset;
  const parts = {};
  let moved = null, open = !button, wanted = null;

  const place = (one) => (one.type === "checkbox" ? +one.checked : one.selectedIndex ?? +one.value);
  const many = (one) => one.options?.length ?? (+one.max || 1);
  const others = () => controls.filter((one) => one !== moved).sort((a, b) => many(b) - many(a));
  function goHome(one) {
    if (one.type === "checkbox") one.checked = one.defaultChecked;
    else if (one.options) one.selectedIndex = [...one.options].findIndex((option) => option.defaultSelected);
    else one.value = one.defaultValue;
  }

  // The frames of the choice that the first control makes; undefined until they have arrived.
  function ask() {
    const part = controls[0].options ? place(controls[0]) : 0;
    if (!(part in parts)) {
      parts[part] = undefined;
      waiting[`${name}/${part}`] = (data) => {
        parts[part] = data;
        for (const file of data.files) if (!file.startsWith("data:")) new Image().src = file;
        show();
      };
      const script = document.createElement("script");
      script.src = `recordings/${name}/${part}.js`;
      script.onerror = () => (readout.textContent = "The recording of this explorer is missing.");
      document.head.append(script);
    }
    return parts[part];
  }

  function show() {
    let data, frame;
    for (const other of [null, ...others()]) {
      if (other) goHome(other);
      if (!(data = ask())) break;
      if ((frame = data.frames[controls.map(place)])) break;
    }
    for (const one of controls.filter((one) => one.dataset.words)) {
      const words = JSON.parse(one.dataset.words)[place(one)];
      one.setAttribute("aria-valuetext", words);
      one.parentElement.querySelector(".words").textContent = words;
    }
    if (!frame) return;
    // Over a slow network pictures arrive later: until then all that is seen belongs together.
    wanted = frame;
    const arrived = frame.images.map((number) => {
      const image = new Image();
      image.src = data.files[number];
      return image.decode().catch(() => {});
    });
    Promise.all(arrived).then(() => wanted === frame && draw(data, frame));
  }

  function draw(data, frame) {
    frame.images.forEach((number, i) => {
      images[i].src = data.files[number];
      images[i].alt = `${images[i].dataset.label}: ${frame.captions[i]}`;
      drawings[i].innerHTML = frame.drawings[i];
    });
    readout.innerHTML = frame.readout;
    const answers = open ? frame.said : cover;
    if (said.innerHTML !== answers) said.innerHTML = answers;
    if (button) button.textContent = `${open ? "Cover" : "Show"} the answers`;
    if (audio && audio.getAttribute("src") !== data.files[frame.audio]) audio.src = data.files[frame.audio];
  }

  function move(event) {
    moved = event?.target ?? null;
    show();
  }
  function toggle() {
    open = !open;
    show();
  }
  form.addEventListener("input", move);
  form.addEventListener("pointerover", ask, { once: true });
  form.addEventListener("focusin", ask, { once: true });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    open = !button;
    setTimeout(move); // when the controls are back
  });
  button?.addEventListener("click", toggle);
  form.addEventListener("keydown", (event) => {
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (button && event.key.toLowerCase() === "a" && !chord && event.target.tagName !== "SELECT") toggle();
  });
}

document.querySelectorAll("form.explorer").forEach(start);
