// A square to draw on. Strokes are kept here while the pointer is down and sent at its end,
// so that a stroke is one message.
const SIDE = 260; // CSS pixels
const JITTER = 0.05; // spread of the points around the pointer, in units of the plane
const RATE = 8; // milliseconds between two points of a resting pointer

function render({ model, el }) {
  const canvas = document.createElement("canvas");
  const sharp = window.devicePixelRatio || 1;
  canvas.width = canvas.height = SIDE * sharp;
  canvas.setAttribute("role", "img");
  canvas.setAttribute(
    "aria-label",
    "Canvas to draw data on with a pointer. With the keyboard, choose a shape from the list beside it."
  );
  el.appendChild(canvas);
  const pen = canvas.getContext("2d");
  let stroke = [];
  let last = 0;

  const extent = () => model.get("extent");
  const all = () => model.get("points").concat(stroke);

  function draw() {
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, SIDE, SIDE);
    pen.strokeStyle = "#dddddd";
    pen.lineWidth = 1;
    for (const at of [-2, -1, 0, 1, 2]) {
      const here = ((at + extent()) / (2 * extent())) * SIDE;
      pen.beginPath();
      pen.moveTo(here, 0);
      pen.lineTo(here, SIDE);
      pen.moveTo(0, here);
      pen.lineTo(SIDE, here);
      pen.stroke();
    }
    pen.fillStyle = "#0072B2";
    for (const [x, y] of all()) {
      const across = ((x + extent()) / (2 * extent())) * SIDE;
      const down = ((extent() - y) / (2 * extent())) * SIDE;
      pen.beginPath();
      pen.arc(across, down, 1.8, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  function noise() {
    // the sum of three uniform numbers is nearly normal
    return (Math.random() + Math.random() + Math.random() - 1.5) * 2 * JITTER;
  }

  function add(event) {
    const now = performance.now();
    if (now - last < RATE || all().length >= model.get("most")) return;
    last = now;
    const frame = canvas.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * 2 * extent() - extent();
    const y = extent() - ((event.clientY - frame.top) / frame.height) * 2 * extent();
    const inside = (value) => Math.max(-extent(), Math.min(extent(), value));
    for (let i = 0; i < 3; i++) stroke.push([inside(x + noise()), inside(y + noise())]);
    draw();
  }

  function end() {
    if (stroke.length === 0) return;
    const points = all().slice(0, model.get("most"));
    stroke = [];
    model.set("points", points);
    model.save_changes();
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    add(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) add(event);
  });
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  model.on("change:points", draw);
  draw();
  return () => model.off("change:points", draw);
}

export default { render };
