// Elements, packed numbers, and colours that follow the theme. Nothing here is global.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A control with its name; the attribute keeps a front end's shortcuts from taking its keys.
function labelled(name, control, wide = false) {
  control.setAttribute("data-lm-suppress-shortcuts", "true");
  control.setAttribute("aria-label", name); // without a select's options
  return element("label", { class: wide ? "gan-wide" : "" }, element("span", {}, name), control);
}

function button(name, act) {
  const made = element("button", { type: "button", "data-lm-suppress-shortcuts": "true" }, name);
  made.addEventListener("click", act);
  return made;
}

function choice(name, options, chosen) {
  const control = element("select");
  for (const [said, value] of options) control.append(element("option", { value }, said));
  control.value = chosen;
  return [labelled(name, control), control];
}

// Packed: byte planes, compressed, the lowest perhaps missing; with a stride, differences to the
// moment before.
async function unpack({ type, missing, stride, bytes }) {
  const coded = atob(bytes.slice(bytes.indexOf(",") + 1));
  const squeezed = Uint8Array.from(coded, (letter) => letter.charCodeAt(0));
  const stream = new Blob([squeezed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const Kind = { int16: Int16Array, float32: Float32Array }[type];
  const width = Kind.BYTES_PER_ELEMENT;
  const count = planes.length / (width - missing);
  const values = new Kind(count);
  const ordered = new Uint8Array(values.buffer);
  for (let plane = missing, at = 0; plane < width; plane++) {
    for (let i = 0; i < count; i++) ordered[i * width + plane] = planes[at++];
  }
  if (stride) for (let i = stride; i < count; i++) values[i] += values[i - stride];
  return values;
}

// Colours of the place where the page stands: a notebook's theme, or the system's.
function palette(root) {
  root.style.colorScheme = "";
  const paper = getComputedStyle(root).backgroundColor.match(/[\d.]+/g).slice(0, 3).map(Number);
  const dark = 0.3 * paper[0] + 0.6 * paper[1] + 0.1 * paper[2] < 128;
  root.style.colorScheme = dark ? "dark" : "light";
  const mix = (hex, share, other) => {
    const parts = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
    return parts.map((part, i) => Math.round(part * (1 - share) + other[i] * share));
  };
  return {
    dark, paper, mix,
    ink: dark ? "#f0f0f0" : "#222222",
    faint: dark ? "#a0a0a0" : "#707070",
    grid: dark ? "#3c3c3c" : "#e6e6e6",
    reference: dark ? "#b8b8b8" : "#555555",
    here: "#E69F00",
    tint: (hex) => `rgb(${mix(hex, dark ? 0.4 : 0, [255, 255, 255])})`,
  };
}

function onTheme(root, draw) {
  const watcher = new MutationObserver(() => (root.isConnected ? draw() : watcher.disconnect()));
  const attributeFilter = ["class", "data-jp-theme-light", "data-jp-theme-name"];
  watcher.observe(document.body, { attributes: true, attributeFilter });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

// Replace the static picture by what the script makes; where that fails, the picture stays.
async function begin(script, start, data) {
  const root = script.closest(".gan-page");
  const picture = root.querySelector(":scope > img");
  try {
    const made = await start(root, data);
    picture.hidden = true;
    root.append(...made);
    root.dispatchEvent(new Event("gan-ready"));
    root.dataset.ready = "yes";
  } catch (error) {
    root.append(element("p", {}, `This browser shows the picture alone: ${error.message}`));
    throw error;
  }
}
