// Drawing on canvases: axes, marks, curves, points, surfaces, histograms.

const LETTERS = 19; // pixels: 14 points
const LINE = 26; // pixels from one line of text to the next
const font = (weight = "") => `${weight} ${LETTERS}px system-ui, sans-serif`;

// A canvas that is sharp on the screen at hand; "inside" is where the axes are.
function board(width, height, label, margins) {
  const scale = Math.max(1, devicePixelRatio);
  const canvas = element("canvas", {
    width: width * scale, height: height * scale, role: "img", "aria-label": label,
  });
  canvas.style.maxWidth = `${width}px`;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const [top, bottom, right, left] = margins;
  const inside = { left, top, width: width - left - right, height: height - top - bottom };
  return { canvas, pen, width, height, inside };
}

function clear({ pen, width, height }) {
  pen.clearRect(0, 0, width, height);
}

function mark(pen, shape, x, y, r, ring = false) {
  pen.beginPath();
  if (shape === "x") {
    pen.moveTo(x - r, y - r); pen.lineTo(x + r, y + r);
    pen.moveTo(x - r, y + r); pen.lineTo(x + r, y - r);
    pen.stroke();
    return;
  }
  if (shape === "s") pen.rect(x - r, y - r, 2 * r, 2 * r);
  else if (shape === "^") { pen.moveTo(x, y - r); pen.lineTo(x + r, y + r); pen.lineTo(x - r, y + r); }
  else if (shape === "d") {
    pen.moveTo(x, y - r); pen.lineTo(x + r, y); pen.lineTo(x, y + r); pen.lineTo(x - r, y);
  } else pen.arc(x, y, r, 0, 7);
  pen.closePath();
  if (ring && shape === "o") pen.stroke(); else pen.fill(); // a ring hides nothing
}

// Where a value stands in pixels, given limits [left, right, bottom, top].
function placer({ left, top, width, height }, limits) {
  return [
    (x) => left + ((x - limits[0]) / (limits[1] - limits[0])) * width,
    (y) => top + height - ((y - limits[2]) / (limits[3] - limits[2])) * height,
  ];
}

function axes({ pen, inside }, [toX, toY], [across, up], colours) {
  const { left, top, width, height } = inside;
  pen.font = font();
  pen.lineWidth = 1;
  pen.strokeStyle = colours.grid;
  pen.fillStyle = colours.ink;
  pen.beginPath();
  for (const [x] of across) { pen.moveTo(toX(x), top); pen.lineTo(toX(x), top + height); }
  for (const [y] of up) { pen.moveTo(left, toY(y)); pen.lineTo(left + width, toY(y)); }
  pen.stroke();
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const [x, said] of across) pen.fillText(said, toX(x), top + height + 5);
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const [y, said] of up) pen.fillText(said, left - 5, toY(y));
  pen.strokeStyle = colours.faint;
  pen.beginPath();
  pen.moveTo(left, top); pen.lineTo(left, top + height); pen.lineTo(left + width, top + height);
  pen.stroke();
}

// Within the axes: whatever lies outside is cut off.
function within({ pen, inside }, draw) {
  pen.save();
  pen.beginPath();
  pen.rect(inside.left, inside.top - 2, inside.width + 2, inside.height + 4); // and half a line
  pen.clip();
  draw();
  pen.restore();
}

function path(pen, xs, ys, toX, toY) {
  pen.beginPath();
  let down = false;
  for (let i = 0; i < xs.length; i++) {
    if (!Number.isFinite(ys[i])) { down = false; continue; }
    if (down) pen.lineTo(toX(xs[i]), toY(ys[i])); else pen.moveTo(toX(xs[i]), toY(ys[i]));
    down = true;
  }
}

// Entries [[said, style, isLine], ...] in a row; what each stands for is drawn before its name.
function legend({ pen }, entries, x, y, colours) {
  pen.font = font();
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  for (const [said, style, isLine] of entries) {
    pen.strokeStyle = pen.fillStyle = colours.tint(style.colour);
    pen.lineWidth = 2.5;
    if (isLine) {
      pen.setLineDash(style.dash.map((each) => each * 2.5));
      pen.beginPath(); pen.moveTo(x, y); pen.lineTo(x + 30, y); pen.stroke();
      pen.setLineDash([]);
    }
    mark(pen, style.marker, x + (isLine ? 15 : 8), y, 5.5, !isLine);
    pen.fillStyle = colours.ink;
    pen.fillText(said, x + (isLine ? 35 : 20), y);
    x += (isLine ? 48 : 38) + pen.measureText(said).width;
  }
}

// Points (pairs, from - to) of one kind. The ends of the axes are at +-edge.
function points(sheet, values, from, to, edge, style, size, alpha, colours) {
  const { pen, inside } = sheet;
  within(sheet, () => {
    pen.globalAlpha = alpha;
    pen.fillStyle = pen.strokeStyle = colours.tint(style.colour);
    pen.lineWidth = 2;
    for (let i = from; i < to; i += 2) {
      const x = (values[i] / edge + 1) / 2;
      const y = (values[i + 1] / edge + 1) / 2;
      if (x < 0 || x > 1 || y < 0 || y > 1) continue;
      const at = [inside.left + x * inside.width, inside.top + (1 - y) * inside.height];
      mark(pen, style.marker, ...at, size, true);
    }
  });
}

// Heat over the axes, side x side values up to +-shades from the bottom row up; a line where it is 0.
function surface(sheet, heat, from, { side, shades, colours: stops }, colours) {
  const { pen, inside } = sheet;
  const image = new ImageData(side, side);
  const share = 0.5; // of paper, so that points stay visible
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const place = (heat[from + row * side + column] / (2 * shades) + 0.5) * (stops.length - 1);
      const i = Math.min(Math.floor(place), stops.length - 2);
      const low = colours.mix(stops[i], share, colours.paper);
      const high = colours.mix(stops[i + 1], share, colours.paper);
      const at = ((side - 1 - row) * side + column) * 4;
      for (let c = 0; c < 3; c++) image.data[at + c] = low[c] + (high[c] - low[c]) * (place - i);
      image.data[at + 3] = 255;
    }
  }
  const small = element("canvas", { width: side, height: side });
  small.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = true; // values stand at the centres of the small pixels
  const { left, top, width, height } = inside;
  pen.drawImage(small, 0.5, 0.5, side - 1, side - 1, left, top, width, height);
  contour(pen, heat, from, side, inside, colours);
}

// The colours' scale at the right of the axes; values at its bottom, in its middle and on top.
function scale({ pen, inside }, values, stops, colours) {
  const [left, top, width, height] = [inside.left + inside.width + 10, inside.top, 16, inside.height];
  const shades = pen.createLinearGradient(0, top + height, 0, top);
  stops.forEach((stop, i) => shades.addColorStop(i / (stops.length - 1),
    `rgb(${colours.mix(stop, 0.5, colours.paper)})`));
  pen.fillStyle = shades; pen.strokeStyle = colours.faint; pen.lineWidth = 1;
  pen.fillRect(left, top, width, height);
  pen.strokeRect(left, top, width, height);
  pen.font = font(); pen.fillStyle = colours.ink; pen.textAlign = "left";
  values.forEach((value, i) => {
    pen.textBaseline = ["bottom", "middle", "top"][i];
    const said = Math.abs(value) < 100 ? String(Number(value.toPrecision(2))) : value.toFixed(0);
    pen.fillText(said.replace("-", "−"), left + width + 5, top + height * (1 - i / 2));
  });
}

// Marching squares: each cell of the lattice gives the stretch of the line that crosses it.
function contour(pen, heat, from, side, { left, top, width, height }, colours) {
  const step = 1 / (side - 1);
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 2;
  pen.beginPath();
  for (let row = 0; row < side - 1; row++) {
    for (let column = 0; column < side - 1; column++) {
      const at = from + row * side + column;
      const corners = [[0, 0, heat[at]], [1, 0, heat[at + 1]],
        [1, 1, heat[at + side + 1]], [0, 1, heat[at + side]]];
      const crossed = [];
      corners.forEach(([x, y, value], i) => {
        const [u, v, next] = corners[(i + 1) % 4];
        if (value > 0 === next > 0) return;
        const t = value / (value - next);
        crossed.push([column + x + t * (u - x), row + y + t * (v - y)]);
      });
      for (let i = 0; i + 1 < crossed.length; i += 2) {
        const [a, b] = [crossed[i], crossed[i + 1]];
        pen.moveTo(left + a[0] * step * width, top + (1 - a[1] * step) * height);
        pen.lineTo(left + b[0] * step * width, top + (1 - b[1] * step) * height);
      }
    }
  }
  pen.stroke();
}

// Heights of equal bins, as steps; filled or outlined.
function stairs(sheet, heights, from, count, [toX, toY], limits, colour, filled) {
  const { pen } = sheet;
  const bin = (limits[1] - limits[0]) / count;
  within(sheet, () => {
    pen.beginPath();
    pen.moveTo(toX(limits[0]), toY(0));
    for (let i = 0; i < count; i++) {
      pen.lineTo(toX(limits[0] + i * bin), toY(heights[from + i]));
      pen.lineTo(toX(limits[0] + (i + 1) * bin), toY(heights[from + i]));
    }
    pen.lineTo(toX(limits[1]), toY(0));
    pen.fillStyle = pen.strokeStyle = colour;
    pen.lineWidth = 2.5;
    if (filled) { pen.globalAlpha = 0.35; pen.fill(); } else pen.stroke();
  });
}
