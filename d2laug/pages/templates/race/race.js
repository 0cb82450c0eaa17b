// Puts the film of a recorded run in the place of its still: tiles that change, curves that grow.
function film(figure, run) {
  const { epochs, tiles, across, names, colors, curves, guess, sprite } = run;
  const LENGTH = 10_000; // milliseconds
  const [left, right, top, bottom, nearest] = [80, 670, 84, 580, 38];
  const x = (epoch) => left + ((right - left) * epoch) / epochs;
  const y = (share) => bottom - (bottom - top) * share;
  const keys = Object.keys(names);
  const still = figure.querySelector("img");
  const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${words}</text>`;
  const line = (x1, y1, x2, y2, kind) =>
    `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;

  const grid = (key) =>
    `<p><b style="border-color:${colors[key]}">${names[key]}</b></p>` +
    `<div class="tiles">${"<i></i>".repeat(tiles)}</div>`;
  const paths = keys.map(
    (key) =>
      `<path class="lab" stroke="${colors[key]}"/><path class="show" stroke="${colors[key]}"/>` +
      `<circle r="10" fill="${colors[key]}"/><text class="now"/>`,
  );
  const chart =
    text(0, 36, "accuracy at the show (dots, dashes: in the lab)") +
    [0, 0.5, 1].map((share) => line(left, y(share), right, y(share), "grid")).join("") +
    [0, 0.5, 1].map((share) => text(left - 12, y(share) + 11, share, 'text-anchor="end"')).join("") +
    [0, epochs / 2, epochs].map((n) => text(x(n), bottom + 42, n, 'text-anchor="middle"')).join("") +
    text((left + right) / 2, bottom + 84, "epoch", 'text-anchor="middle"') +
    line(left, y(guess), right, y(guess), "guess") +
    text(right + 16, y(guess) + 11, "guessing");
  still.outerHTML =
    '<div class="seen" role="img"><div class="sides">' +
    `${keys.map((key) => `<div class="side">${grid(key)}</div>`).join("")}</div>` +
    `<svg viewBox="0 0 940 680" aria-hidden="true">${chart}` +
    `${paths.map((path) => `<g>${path}</g>`).join("")}</svg></div>` +
    '<div class="player"><button type="button">Play</button>' +
    `<input type="range" min="0" max="${epochs}" step="1" aria-label="epoch"><output></output></div>`;
  const seen = figure.querySelector(".seen");
  seen.setAttribute("aria-label", still.alt);
  seen.style.setProperty("--pictures", `url(${sprite})`);
  seen.style.setProperty("--across", across);
  const [button, range, said] = figure.querySelectorAll("button, input, output");
  const sides = [...figure.querySelectorAll(".tiles")].map((side) => [...side.children]);
  const groups = [...figure.querySelectorAll("svg g")];

  /** Show the film at a time, in epochs: `n` is the last one that has ended. */
  function draw(time) {
    const n = Math.floor(time);
    sides.forEach((side, i) =>
      side.forEach((tile, place) => {
        const epoch = place + 1 + tiles * Math.floor((n - place - 1) / tiles);
        const number = i ? epoch : 0; // without augmentation the picture is always the same
        tile.className = epoch < 1 ? "" : epoch === n ? "shown new" : "shown";
        const at = (k) => `${(100 * k) / (across - 1)}%`;
        tile.style.backgroundPosition = `${at(number % across)} ${at(Math.floor(number / across))}`;
      }),
    );
    const ends = keys.map((key, i) => {
      const value = (of) => of[n] + (time - n) * ((of[n + 1] ?? of[n]) - of[n]);
      for (const place of ["lab", "show"]) {
        const points = curves[key][place].slice(0, n + 1).map((share, e) => [x(e), y(share)]);
        points.push([x(time), y(value(curves[key][place]))]);
        groups[i].querySelector(`.${place}`).setAttribute("d", `M${points.join("L")}`);
      }
      const end = y(value(curves[key].show));
      groups[i].querySelector("circle").setAttribute("cx", x(time));
      groups[i].querySelector("circle").setAttribute("cy", end);
      return { end, i, words: `${names[key].split(" ")[0]} ${curves[key].show[n].toFixed(2)}` };
    });
    ends.sort((a, b) => a.end - b.end);
    const short = Math.max(0, nearest - (ends[1].end - ends[0].end)) / 2;
    ends.forEach(({ end, i, words }, rank) => {
      const label = groups[i].querySelector("text");
      label.textContent = words;
      label.setAttribute("x", x(time) + 18);
      label.setAttribute("y", end + 11 + (rank ? short : -short));
    });
    const shares = keys.map((key) => `${names[key]} ${curves[key].show[n].toFixed(2)}`).join(", ");
    range.value = n;
    range.setAttribute("aria-valuetext", `${n} of ${epochs}; at the show: ${shares}`);
    said.textContent = `epoch ${n} of ${epochs}`;
  }

  let time = epochs;
  let [playing, waiting] = [null, null];
  function pause() {
    clearInterval(waiting);
    cancelAnimationFrame(playing);
    playing = null;
    button.textContent = "Play";
  }
  function play() {
    clearInterval(waiting);
    if (time >= epochs) time = 0;
    let before = performance.now();
    button.textContent = "Pause";
    playing = requestAnimationFrame(function step(now) {
      time = Math.min(epochs, time + (Math.max(0, now - before) * epochs) / LENGTH);
      before = now;
      draw(time);
      if (time < epochs) playing = requestAnimationFrame(step);
      else pause();
    });
  }
  button.onclick = () => (playing ? pause() : play());
  range.oninput = () => {
    pause();
    draw((time = Number(range.value)));
  };
  // On slides and in JupyterLab these keys would turn the page or move to another cell.
  figure.toggleAttribute("data-lm-suppress-shortcuts", true);
  figure.addEventListener("keydown", (event) => {
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (["PageUp", "PageDown"].includes(event.key) && figure.closest(".reveal")) range.blur();
    else if (event.key !== "Escape" && !chord) event.stopPropagation();
  });
  draw(time);

  // It plays once by itself when it is seen, but for a reader who wants less motion.
  if (matchMedia("(prefers-reduced-motion: reduce), print").matches) return;
  waiting = setInterval(() => {
    const { top, bottom, height } = seen.getBoundingClientRect();
    const part = Math.min(bottom, innerHeight) - Math.max(top, 0);
    const whole = { opacityProperty: true, visibilityProperty: true };
    if (height && part > height / 2 && (seen.checkVisibility?.(whole) ?? true)) play();
  }, 250);
}
