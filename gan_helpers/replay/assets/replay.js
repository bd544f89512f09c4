// The replay of a run: views of the samples and curves, at the moment that the slider chooses.

const SIDE = 360; // pixels along a square of the plane
const ACROSS = 1000; // pixels of everything, side by side, where there is room
const NARROW = 320; // pixels along a chart, at least
const ABOVE = 2 * LINE + 6; // a caption, and a legend
const SPEEDS = [["slow", 3], ["normal", 10], ["fast", 30]]; // moments a second

function plural(n) {
  return n.toLocaleString("en");
}

// A chart of the whole run; the cursor stands at the present step.
async function makeChart(data, ends, width, height) {
  const right = data.references.length ? 82 : 12;
  const sheet = board(width, height, data.label, [ABOVE, 2 * LINE, right, 70]);
  const steps = await unpack(data.steps);
  const curves = [];
  for (const { raw, mean, ...rest } of data.curves) {
    curves.push({ ...rest, raw: await unpack(raw), mean: await unpack(mean) });
  }
  const [toX, toY] = placer(sheet.inside, [...ends, ...data.limits]);
  return {
    canvas: sheet.canvas,
    draw(_, step, colours) {
      const { pen, inside } = sheet;
      clear(sheet);
      axes(sheet, [toX, toY], [data.across, data.ticks], colours);
      pen.textAlign = "center"; pen.textBaseline = "bottom";
      pen.fillText(data.unit, inside.left + inside.width / 2, sheet.height - 1);
      within(sheet, () => {
        for (const { raw, mean, style } of curves) {
          pen.strokeStyle = colours.tint(style.colour);
          pen.lineWidth = 1.6; pen.globalAlpha = 0.3;
          path(pen, steps, raw, toX, toY); pen.stroke();
          pen.lineWidth = 2.6; pen.globalAlpha = 1;
          pen.setLineDash(style.dash.map((each) => each * 2.6));
          path(pen, steps, mean, toX, toY); pen.stroke();
          pen.setLineDash([]);
        }
      });
      pen.font = font(); // the names of reference lines stand beside the axes
      const lowest = Math.min(...data.references.map(([value]) => value));
      pen.textAlign = "left";
      for (const [value, said] of data.references) {
        pen.strokeStyle = colours.reference; pen.setLineDash([2, 3]); pen.lineWidth = 2;
        pen.beginPath(); pen.moveTo(inside.left, toY(value));
        pen.lineTo(inside.left + inside.width, toY(value)); pen.stroke();
        pen.setLineDash([]);
        pen.textBaseline = data.references.length < 2 ? "middle" : value === lowest ? "top" : "bottom";
        pen.fillStyle = colours.ink;
        pen.fillText(said, inside.left + inside.width + 9, toY(value));
      }
      pen.strokeStyle = colours.here; pen.lineWidth = 3;
      pen.beginPath(); pen.moveTo(toX(step), inside.top);
      pen.lineTo(toX(step), inside.top + inside.height); pen.stroke();
      const at = steps.findLastIndex((each) => each <= step);
      for (const { mean, style } of curves) {
        if (at < 0 || !Number.isFinite(mean[at])) continue;
        pen.fillStyle = pen.strokeStyle = colours.tint(style.colour);
        mark(pen, style.marker, toX(steps[at]), toY(mean[at]), 6);
      }
      const entries = curves.length > 1 ? curves.map(({ label, style }) => [label, style, true]) : [];
      pen.fillStyle = colours.ink; pen.textAlign = "left"; pen.textBaseline = "middle";
      pen.font = font("bold");
      pen.fillText(data.label, 4, LINE / 2);
      legend(sheet, entries, 4, 1.5 * LINE, colours);
    },
  };
}

async function makePoints(data, sheet) {
  const real = await unpack(data.real);
  const fake = await unpack(data.fake);
  const heat = data.heat ? await unpack(data.heat) : null;
  const ends = data.heat ? await unpack(data.ends) : null;
  const places = placer(sheet.inside, data.limits);
  const { styles, edge, side } = data;
  return (moment, moments, colours) => {
    axes(sheet, places, data.ticks, colours);
    if (heat) {
      surface(sheet, heat, moment * side * side, data, colours);
      scale(sheet, [...ends.subarray(3 * moment, 3 * moment + 3)], data.colours, colours);
    }
    const count = fake.length / moments;
    points(sheet, fake, moment * count, (moment + 1) * count, edge, styles.generated, 4, 0.9, colours);
    points(sheet, real, 0, real.length, edge, styles.real, 5, 1, colours);
  };
}

async function makeLine(data, sheet) {
  const real = await unpack(data.real);
  const fake = await unpack(data.fake);
  const places = placer(sheet.inside, data.limits);
  return (moment, moments, colours) => {
    const { styles, limits, ticks } = data;
    axes(sheet, places, ticks, colours);
    stairs(sheet, real, 0, real.length, places, limits, colours.tint(styles.real.colour), true);
    stairs(sheet, fake, moment * real.length, real.length, places, limits,
      colours.tint(styles.generated.colour), false);
  };
}

async function makeImages(data, sheet) {
  const pictures = data.sheets.map((uri) => {
    const picture = new Image();
    picture.src = uri;
    return picture;
  });
  await Promise.all(pictures.map((picture) => picture.decode()));
  const { left, top, width, height } = sheet.inside;
  const factor = Math.min(width / data.size[0], height / data.size[1]);
  const [w, h] = data.size.map((each) => each * factor);
  return (moment) => {
    sheet.pen.imageSmoothingQuality = "high";
    sheet.pen.drawImage(pictures[moment], left + (width - w) / 2, top + (height - h) / 2, w, h);
  };
}

async function makeView(data) {
  const images = data.kind === "images";
  const [above, below] = images ? [LINE + 4, 4] : [ABOVE, LINE + 4];
  const [left, right] = { images: [4, 4], line: [70, 12], points: [50, 12], surface: [50, 92] }[data.kind];
  const wide = images ? SIDE + ABOVE + LINE - 8 : SIDE; // the rest of the square
  const sheet = board(left + wide + right, SIDE + ABOVE + LINE + 4, data.title, [above, below, right, left]);
  const make = { points: makePoints, surface: makePoints, line: makeLine, images: makeImages };
  const drawMoment = await make[data.kind](data, sheet);
  return {
    canvas: sheet.canvas, width: sheet.width,
    draw(moment, step, colours, moments) {
      const { pen } = sheet;
      clear(sheet);
      drawMoment(moment, moments, colours);
      pen.font = font("bold");
      pen.fillStyle = colours.ink; pen.textAlign = "left"; pen.textBaseline = "middle";
      pen.fillText(data.title, 4, LINE / 2);
      if (images) return;
      const { real, generated } = data.styles;
      const isLine = data.kind === "line";
      const entries = [["real", real, isLine], ["generated", generated, isLine]];
      legend(sheet, entries, sheet.inside.left, 1.5 * LINE, colours);
    },
  };
}

async function start(root, data) {
  const count = data.steps.length;
  const last = data.steps[count - 1];
  const height = Math.max(Math.floor((440 - 6 * (data.charts.length - 1)) / data.charts.length), 200);
  const views = await Promise.all(data.views.map(makeView));
  const taken = views.reduce((sum, each) => sum + each.width + 12, 0);
  const width = Math.max(NARROW, Math.min(ACROSS, (root.clientWidth || ACROSS) - 10) - taken);
  const charts = await Promise.all(data.charts.map((each) =>
    makeChart({ ...each, across: data.across, unit: data.unit }, data.ends, width, height)));
  const panels = element("div", { class: "gan-row gan-panels" }, ...views.map((each) => each.canvas),
    element("div", { class: "gan-column" }, ...charts.map((each) => each.canvas)));
  const slider = element("input", { type: "range", min: 0, max: count - 1, step: 1 });
  slider.value = count - 1;
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const [speedLabel, speed] = choice("speed", SPEEDS, reduced ? 3 : 10);
  const said = element("output", { "aria-live": "off" });
  let colours = palette(root);
  let playing = false;

  function draw() {
    const moment = Number(slider.value);
    const step = data.steps[moment];
    said.value = `step ${plural(step)} of ${plural(last)}`;
    slider.setAttribute("aria-valuetext", said.value);
    for (const each of [...views, ...charts]) each.draw(moment, step, colours, count);
  }

  function halt() {
    playing = false;
    play.textContent = "▶ Play";
  }

  // Time passes by the clock, not by frames: a busy machine skips moments, it does not slow down.
  function run() {
    let due = performance.now();
    const tick = (now) => {
      if (!playing || !root.isConnected) return halt();
      const ahead = Math.floor(((now - due) / 1000) * speed.value);
      if (ahead > 0) {
        due += (ahead / speed.value) * 1000;
        slider.value = Number(slider.value) + ahead;
        draw();
      }
      if (Number(slider.value) >= count - 1) return halt();
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  const play = button("▶ Play", () => {
    if (playing) return halt();
    playing = true;
    play.textContent = "❙❙ Pause";
    if (Number(slider.value) >= count - 1) slider.value = 0;
    draw();
    run();
  });
  slider.addEventListener("input", () => { halt(); draw(); });
  onTheme(root, () => { colours = palette(root); draw(); });
  draw();
  const bar = element("div", { class: "gan-row" }, play, labelled("moment", slider, true), said,
    speedLabel);
  const title = data.title ? [element("p", { class: "gan-title" }, data.title)] : [];
  return [...title, bar, panels];
}
