// The replay of a run: views of the samples and curves, at the moment that the slider chooses.

const SPEEDS = [["slow", 3], ["normal", 10], ["fast", 30]]; // moments a second

function plural(n) {
  return n.toLocaleString("en");
}

// A chart of the whole run; the cursor stands at the present step.
async function makeChart(data, ends, height) {
  const sheet = board(420, height, data.label, [24, 38, 20, 60]);
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
      pen.fillText("generator updates", inside.left + inside.width / 2, sheet.height - 1);
      within(sheet, () => {
        for (const { raw, mean, style } of curves) {
          pen.strokeStyle = colours.tint(style.colour);
          pen.lineWidth = 0.8; pen.globalAlpha = 0.3;
          path(pen, steps, raw, toX, toY); pen.stroke();
          pen.lineWidth = 1.8; pen.globalAlpha = 1;
          pen.setLineDash(style.dash.map((each) => each * 1.8));
          path(pen, steps, mean, toX, toY); pen.stroke();
          pen.setLineDash([]);
        }
      });
      pen.font = "12px system-ui, sans-serif";
      pen.strokeStyle = colours.reference;
      pen.textAlign = "right"; pen.textBaseline = "bottom";
      const end = inside.left + inside.width - 10; // beside the cursor of the last moment
      let [right, before, last] = [end, NaN, 0];
      for (const [value, said] of data.references) {
        pen.setLineDash([2, 3]); pen.lineWidth = 1.2;
        pen.beginPath(); pen.moveTo(inside.left, toY(value));
        pen.lineTo(inside.left + inside.width, toY(value)); pen.stroke();
        pen.setLineDash([]);
        const { width } = pen.measureText(said);
        right = Math.abs(toY(value) - before) < 15 ? right - last - 10 : end;
        [before, last] = [toY(value), width];
        pen.globalAlpha = 0.75; pen.fillStyle = `rgb(${colours.paper})`; // legible over the curves
        pen.fillRect(right - width - 2, toY(value) - 15, width + 2, 14);
        pen.globalAlpha = 1; pen.fillStyle = colours.ink;
        pen.fillText(said, right, toY(value) - 1);
      }
      pen.strokeStyle = colours.here; pen.lineWidth = 2.5;
      pen.beginPath(); pen.moveTo(toX(step), inside.top);
      pen.lineTo(toX(step), inside.top + inside.height); pen.stroke();
      const at = steps.findLastIndex((each) => each <= step);
      for (const { mean, style } of curves) {
        if (at < 0 || !Number.isFinite(mean[at])) continue;
        pen.fillStyle = pen.strokeStyle = colours.tint(style.colour);
        mark(pen, style.marker, toX(steps[at]), toY(mean[at]), 4.5);
      }
      const entries = curves.length > 1 ? curves.map(({ label, style }) => [label, style, true]) : [];
      pen.fillStyle = colours.ink; pen.textAlign = "left"; pen.textBaseline = "middle";
      pen.font = "bold 12px system-ui, sans-serif";
      pen.fillText(data.label, 4, 11);
      legend(sheet, entries, 20 + pen.measureText(data.label).width, 11, colours);
    },
  };
}

async function makePoints(data, sheet) {
  const real = await unpack(data.real);
  const fake = await unpack(data.fake);
  const heat = data.heat ? await unpack(data.heat) : null;
  const places = placer(sheet.inside, data.limits);
  const { styles, edge, side } = data;
  return (moment, moments, colours) => {
    axes(sheet, places, data.ticks, colours);
    if (heat) surface(sheet, heat, moment * side * side, data, colours);
    points(sheet, real, 0, real.length, edge, styles.real, 1.8, 0.55, colours);
    const count = fake.length / moments;
    points(sheet, fake, moment * count, (moment + 1) * count, edge, styles.generated, 2.4, 0.9,
      colours);
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

async function makeView(data, size) {
  const images = data.kind === "images";
  const margins = images ? [24, 2, 4, 4] : data.kind === "line" ? [24, 22, 8, 48] : [24, 22, 8, 34];
  const sheet = board(size, size, data.title, margins);
  const make = { points: makePoints, surface: makePoints, line: makeLine, images: makeImages };
  const drawMoment = await make[data.kind](data, sheet);
  return {
    canvas: sheet.canvas,
    draw(moment, step, colours, moments) {
      const { pen } = sheet;
      clear(sheet);
      drawMoment(moment, moments, colours);
      pen.font = "bold 12px system-ui, sans-serif";
      pen.fillStyle = colours.ink; pen.textAlign = "left"; pen.textBaseline = "middle";
      pen.fillText(data.title, 4, 11);
      if (images) return;
      const { real, generated } = data.styles;
      const x = 20 + pen.measureText(data.title).width;
      const isLine = data.kind === "line";
      legend(sheet, [["real", real, isLine], ["generated", generated, isLine]], x, 11, colours);
    },
  };
}

async function start(root, data) {
  const count = data.steps.length;
  const last = data.steps[count - 1];
  const height = Math.max(Math.floor((400 - 6 * (data.charts.length - 1)) / data.charts.length), 150);
  const views = await Promise.all(data.views.map((each) => makeView(each, 390)));
  const charts = await Promise.all(data.charts.map((each) =>
    makeChart({ ...each, across: data.across }, data.ends, Math.min(height, 260))));
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
