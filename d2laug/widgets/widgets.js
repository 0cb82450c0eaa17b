// What ipywidgets lacks on the page of an explorer: a name for each slider, number, picture and
// player; keys that JupyterLab would take for its own; and the key A, which shows the answers.

function name(root, captions) {
  for (const slider of root.querySelectorAll(".widget-slider")) {
    const [words, handle, readout] = [".widget-label", ".noUi-handle", ".widget-readout"].map(
      (part) => slider.querySelector(part),
    );
    handle?.setAttribute("aria-label", words.textContent);
    handle?.setAttribute("aria-valuetext", readout.textContent);
    if (!readout.isContentEditable) continue;
    readout.setAttribute("role", "textbox");
    readout.setAttribute("aria-label", `${words.textContent}, as a number`);
  }
  root.querySelectorAll(".d2laug-pictures > *").forEach((column, i) => {
    const image = column.querySelector("img");
    if (image) image.alt = `${column.querySelector(".widget-label").textContent}: ${captions[i]}`;
  });
  root.querySelector("audio")?.setAttribute("aria-label", "what is heard");
}

async function render({ model, el }) {
  let root = null;
  // it is shown before the box around it is
  while (!(root = el.closest(".d2laug-explorer"))) await new Promise(requestAnimationFrame);
  const again = () => name(root, model.get("captions"));
  const observer = new MutationObserver(again);
  observer.observe(root, { childList: true, subtree: true, characterData: true });
  model.on("change:captions", again);
  again();

  // The lab's own keys are chords here; arrows move the slider, not the cell.
  const chord = (event) => event.ctrlKey || event.metaKey || event.altKey;
  const own = (event) =>
    root.toggleAttribute("data-lm-suppress-shortcuts", !chord(event) && !event.shiftKey);
  window.addEventListener("keydown", own, true);
  root.addEventListener("keydown", (event) => {
    const types = event.target.isContentEditable || event.target.tagName === "SELECT";
    if (event.key.toLowerCase() === "a" && !chord(event) && !types) {
      root.querySelector(".widget-toggle-button")?.click();
    }
  });
  return () => {
    observer.disconnect();
    window.removeEventListener("keydown", own, true);
    model.off("change:captions", again);
  };
}

export default { render };
