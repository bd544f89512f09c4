// A generator in the page: its forward pass, latent sliders, and a path between two latent points.

const PAPER = 500; // pixels along the picture
const TRACK = 41; // points along a path in the plane
const PERIOD = 4000; // milliseconds from one end of the path to the other

// y = activation(W x + b), layer by layer; buffers are made once, so that nothing is collected.
async function makeGenerator(layers) {
  const parts = await Promise.all(layers.map(async ({ weights, bias, activation }) => {
    const [matrix, shift] = await Promise.all([weights, bias].map(unpack));
    const output = new Float64Array(shift.length);
    return { matrix, shift, activation, inputs: matrix.length / shift.length, output };
  }));
  return (z) => {
    let x = z;
    for (const { matrix, shift, activation, inputs, output } of parts) {
      for (let row = 0, at = 0; row < output.length; row++) {
        let sum = shift[row];
        for (let i = 0; i < inputs; i++) sum += matrix[at++] * x[i];
        if (activation === "relu") sum = sum > 0 ? sum : 0;
        else if (activation === "tanh") sum = Math.tanh(sum);
        output[row] = sum;
      }
      x = output;
    }
    return x;
  };
}

function shown(value) {
  return Number(value).toFixed(2).replace("-", "−");
}

function between(kind, a, b, t) {
  const dot = (u, v) => u.reduce((sum, each, i) => sum + each * v[i], 0);
  const cosine = dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const sine = Math.sin(angle);
  const arc = kind === "spherical" && sine >= 1e-3; // where the arc leaves the way open: the line
  const [p, q] = arc ? [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine] : [1 - t, t];
  return a.map((each, i) => p * each + q * b[i]);
}

// Samples (C, H, W) in [-1, 1] as a small canvas, which is then drawn large with sharp pixels.
function makeImages({ shape: [channels, height, width], strip }) {
  const small = element("canvas", { width, height });
  const brush = small.getContext("2d");
  const image = new ImageData(width, height);
  const sheet = board(PAPER, PAPER + 56, "", [0, 56, 0, 0]);
  const film = element("canvas", { width: strip * width, height });
  const frames = film.getContext("2d");
  const area = width * height;
  const size = Math.floor(PAPER / strip);
  const tall = (size * height) / width;

  function paint(x) {
    for (let i = 0; i < area; i++) {
      for (let c = 0; c < 3; c++) {
        const value = x[channels === 3 ? c * area + i : i];
        image.data[4 * i + c] = (Math.min(1, Math.max(-1, value)) + 1) * 127.5;
      }
      image.data[4 * i + 3] = 255;
    }
    brush.putImageData(image, 0, 0);
  }

  return {
    canvas: sheet.canvas,
    along(samples) {
      samples(strip, (x, i) => { paint(x); frames.drawImage(small, i * width, 0); });
    },
    draw(x, t, colours) {
      const { pen } = sheet;
      paint(x);
      clear(sheet);
      pen.imageSmoothingEnabled = false;
      const [w, h] = width > height ? [PAPER, (PAPER * height) / width]
        : [(PAPER * width) / height, PAPER];
      const [left, top] = [(PAPER - w) / 2, (PAPER - h) / 2];
      pen.drawImage(small, left, top, w, h);
      pen.strokeStyle = colours.faint; pen.lineWidth = 1; // or black ends nowhere on dark paper
      pen.strokeRect(left + 0.5, top + 0.5, w - 1, h - 1);
      for (let i = 0; i < strip; i++) {
        pen.drawImage(film, i * width, 0, width, height, i * size, PAPER + 8, size - 2, tall - 2);
        pen.strokeRect(i * size + 0.5, PAPER + 8.5, size - 3, tall - 3);
      }
      if (t === null) return;
      pen.strokeStyle = colours.here; pen.lineWidth = 4;
      pen.strokeRect(Math.round(t * (strip - 1)) * size + 2, PAPER + 10, size - 6, tall - 6);
    },
  };
}

function diamond(pen, x, y, colours) {
  pen.fillStyle = colours.here; pen.strokeStyle = colours.ink; pen.lineWidth = 2;
  mark(pen, "d", x, y, 12);
  pen.stroke();
}

// A point among many in the plane, or on a line under a histogram.
async function makePlace(data) {
  const flat = data.kind === "line";
  const sheet = board(PAPER, flat ? 380 : PAPER, "", [LINE + 8, LINE + 4, 12, flat ? 70 : 50]);
  const [around, fake] = await Promise.all([data.real, data.fake].map((each) => each && unpack(each)));
  const [toX, toY] = placer(sheet.inside, data.limits);
  const { styles, edge, limits, hasReal } = data;
  const kind = hasReal ? ["real", styles.real] : ["generated", styles.generated];
  let track = [];
  // never out of sight
  const clamp = (value, from, length) => Math.min(Math.max(value, from + 12), from + length - 12);
  const place = (x) => {
    const { left, top, width, height } = sheet.inside;
    const y = flat ? limits[3] / 2 : x[1];
    return [clamp(toX(x[0]), left, width), clamp(toY(y), top, height)];
  };
  return {
    canvas: sheet.canvas,
    along(samples) {
      track = [];
      samples(TRACK, (x) => track.push(place(x)));
    },
    draw(x, t, colours) {
      const { pen } = sheet;
      clear(sheet);
      axes(sheet, [toX, toY], data.ticks, colours);
      const tint = colours.tint(kind[1].colour);
      if (flat) stairs(sheet, around, 0, around.length, [toX, toY], limits, tint, true);
      else {
        points(sheet, fake, 0, fake.length, edge, styles.generated, 4, 0.6, colours);
        if (hasReal) points(sheet, around, 0, around.length, edge, styles.real, 5, 1, colours);
      }
      pen.strokeStyle = colours.reference; pen.lineWidth = 3;
      path(pen, track.map((each) => each[0]), track.map((each) => each[1]), Number, Number);
      pen.stroke();
      diamond(pen, ...place(x), colours);
      const others = hasReal && !flat ? [["generated", styles.generated]] : [];
      const own = ["G(z)", { colour: colours.here, marker: "d" }];
      legend(sheet, [kind, ...others, own], sheet.inside.left, LINE / 2, colours);
    },
  };
}

async function start(root, data) {
  const generate = await makeGenerator(data.layers);
  const stock = await unpack(data.stock);
  const flat = await unpack(data.directions);
  const row = (values, i) => Array.from(values.subarray(i * data.latent, (i + 1) * data.latent));
  const directions = data.names.map((_, i) => row(flat, i));
  const count = stock.length / data.latent;
  const scene = data.scene.kind === "images" ? makeImages(data.scene) : await makePlace(data.scene);
  scene.canvas.setAttribute("aria-label", data.alt);
  let z = row(stock, 0);
  let next = 2; // the first two latent points are the ends of the path
  let ends = [row(stock, 0), row(stock, 1)];
  let onPath = false;
  let playing = false;
  let colours = palette(root);

  const along = (direction) => direction.reduce((sum, each, i) => sum + each * z[i], 0);
  const range = (min, max) => element("input", { type: "range", min, max, step: 0.01 });
  const says = () => element("output");
  const draw = () => scene.draw(generate(z), onPath ? Number(t.value) : null, colours);

  const sliders = directions.map((direction, i) => {
    const control = range(-data.reach, data.reach);
    const said = says();
    control.addEventListener("input", () => {
      const move = control.value - along(direction);
      z = z.map((each, k) => each + move * direction[k]);
      said.value = shown(control.value);
      halt();
      onPath = false;
      draw();
    });
    return { control, said, direction, row: element("div", { class: "gan-row" },
      labelled(data.names[i], control, true), said) };
  });

  function follow() {
    for (const { control, said, direction } of sliders) {
      control.value = along(direction);
      said.value = shown(along(direction));
    }
  }

  const t = range(0, 1);
  const tSaid = says();
  const [wayLabel, way] = choice("path", [["spherical", "spherical"], ["straight", "straight"]], "spherical");
  function onTheWay() {
    z = between(way.value, ...ends, Number(t.value));
    tSaid.value = shown(t.value);
    onPath = true;
    follow();
    draw();
  }
  function layPath() {
    scene.along((n, take) => {
      for (let i = 0; i < n; i++) take(generate(between(way.value, ...ends, i / (n - 1))), i);
    });
  }
  function halt() {
    playing = false;
    play.textContent = "▶ Play path";
  }
  const draws = () => row(stock, next++ % count);

  const shuffle = button("Shuffle", () => { halt(); z = draws(); onPath = false; follow(); draw(); });
  const renew = button("New path", () => {
    ends = [draws(), draws()];
    t.value = 0;
    layPath();
    onTheWay();
  });
  const play = button("▶ Play path", () => {
    if (playing) return halt();
    playing = true;
    play.textContent = "❙❙ Pause path";
    let before = performance.now();
    let place = Number(t.value);
    const tick = (now) => {
      if (!playing || !root.isConnected) return halt();
      place = (place + Math.max(now - before, 0) / PERIOD) % 2; // there and back
      before = now;
      t.value = 1 - Math.abs(1 - place);
      onTheWay();
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  t.addEventListener("input", () => { halt(); onTheWay(); });
  way.addEventListener("change", () => { layPath(); if (onPath) onTheWay(); else draw(); });
  onTheme(root, () => { colours = palette(root); draw(); });

  t.value = 0;
  tSaid.value = "0.00";
  layPath();
  follow();
  draw();
  root.generate = (latent) => Array.from(generate(latent));
  const pathRow = element("div", { class: "gan-row" }, labelled("path t", t, true), tSaid);
  const buttons = element("div", { class: "gan-row" }, shuffle, renew, play, wayLabel);
  const controls = element("div", { class: "gan-column gan-controls" }, ...sliders.map((each) => each.row),
    pathRow, buttons);
  const title = data.title ? [element("p", { class: "gan-title" }, data.title)] : [];
  return [...title, element("div", { class: "gan-row gan-panels" }, controls, scene.canvas)];
}
