// Costs of a project or a model alone: the last, since it ends where there are none.
const cube = JSON.parse(document.getElementById("cube").textContent);
if (!cube || !cube.pairs.length) return;
const unit = 10n ** BigInt(cube.digits);
const days = cube.pairs[0][3].length;
const pairs = cube.pairs.map(([project, model, previous, daily]) => ({
  of: [project, model],
  previous: BigInt(previous),
  daily: daily.map((amount) => (amount === null ? null : BigInt(amount))),
}));
const plus = (a, b) => (a === null || b === null ? null : a + b);
const known = (amounts) => amounts.reduce((sum, amount) => sum + (amount ?? 0n), 0n);
const float = (amount) => Number(amount) / Number(unit);
const exact = (amount) => {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(cube.digits + 1, "0");
  const whole = digits.slice(0, digits.length - cube.digits);
  const part = digits.slice(digits.length - cube.digits).replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${whole}${part && `.${part}`}`;
};
const money = (amount) => {
  const size = amount < 0n ? -amount : amount;
  let cents = (size * 100n) / unit;
  const twice = ((size * 100n) % unit) * 2n;
  if (twice > unit || (twice === unit && cents % 2n)) cents += 1n; // half to even, as elsewhere
  const less = size > 0n && size * 200n < unit;
  if (less) cents = 1n;
  const text = `${(cents / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ",")}.${String(cents % 100n).padStart(2, "0")}`;
  return currency(text, amount < 0n, less);
};
const currency = (text, negative, less) => {
  const sign = negative ? "\u2212" : "";
  const dollars = !cube.currency || cube.currency === "usd";
  return `${sign}${less ? "<" : ""}${dollars ? `$${text}` : `${text} ${cube.currency.toUpperCase()}`}`;
};
const atLeast = (amount) => (cube.gaps ? "at least " : "") + money(amount);
const signed = (amount) => (amount > 0n ? "+" : "") + money(amount);
const percent = (part, sign = "") => `${part < 0 ? "\u2212" : sign}${(Math.abs(part) * 100).toFixed(1)}%`;
const grouped = (axis, [project, model]) => {
  const found = new Map();
  for (const pair of pairs) {
    if (project !== null && pair.of[0] !== project) continue;
    if (model !== null && pair.of[1] !== model) continue;
    const before = found.get(pair.of[axis]);
    found.set(pair.of[axis], {
      daily: before ? before.daily.map((a, i) => plus(a, pair.daily[i])) : pair.daily,
      previous: (before?.previous ?? 0n) + pair.previous,
    });
  }
  return found;
};

const sections = ["projects", "models"];
const kept = all("#projects tbody tr, #models tbody tr, main tfoot tr, .tiles li:first-child a").map((each) => [each, each.innerHTML]);
const order = sections.map((name) => [...(document.querySelector(`#${name} table`)?.tBodies[0].rows ?? [])]);
const charts = new Map(
  all("figure[data-chart]").map((figure) => [figure, [...figure.querySelector("svg").childNodes]]),
);
const legends = new Map(all("figure[data-chart] .legend").map((list) => [list, [...list.childNodes]]));

const spark = (daily) => {
  const most = Math.max(0, ...daily.map((amount) => (amount === null ? 0 : float(amount))));
  let begins = true;
  return daily.map((amount, i) => {
    if (amount === null) { begins = true; return ""; }
    const high = most > 0 ? Math.max(0, float(amount)) / most : 0;
    const at = `${begins ? "M" : "L"}${((100 * i) / Math.max(1, days - 1)).toFixed(1)},${(23 - 22 * high).toFixed(1)}`;
    begins = false;
    return at;
  }).join(" ");
};
const put = (cell, text, digits) => {
  const into = cell.querySelector("bdi") ?? cell.appendChild(document.createElement("bdi"));
  into.textContent = text;
  digits === undefined ? delete cell.dataset.v : (cell.dataset.v = digits);
};
const fill = (row, group, total) => {
  const cost = known(group.daily), change = cost - group.previous;
  const heads = [...row.closest("table").tHead.rows[0].cells];
  const cell = (field) => row.cells[heads.findIndex((head) => head.dataset.field === field)];
  const [costs, before, changes, relative, share] =
    ["cost", "previous", "change", "change_percent", "share_percent"].map(cell);
  put(costs, money(cost), exact(cost));
  const part = total !== 0n ? float(cost) / float(total) : null;
  const bar = costs.querySelector(".part > span");
  if (bar) bar.style.width = `${Math.max(0, Math.min(1, part ?? 0)) * 100}%`;
  row.querySelector(".spark path")?.setAttribute("d", spark(group.daily));
  if (cube.compared) {
    put(before, money(group.previous), exact(group.previous));
    put(changes, signed(change), exact(change));
    const rise = group.previous > 0n ? float(change) / float(group.previous) : null;
    const fresh = group.previous === 0n && cost !== 0n ? "new" : "";
    put(relative, rise === null ? fresh : percent(rise, "+"), rise === null ? undefined : (100 * rise).toFixed(4));
  } else for (const each of [before, changes, relative]) if (each && value(each) !== "") put(each, "not known");
  put(share, part === null ? "" : percent(part), part === null ? undefined : (100 * part).toFixed(4));
};

const ticks = (low, high) => {
  const span = high - low || 1, size = 10 ** Math.floor(Math.log10(span / 5));
  const step = [1, 2, 2.5, 5, 10].map((s) => s * size).find((s) => s >= span / 5);
  return [Math.floor(low / step) * step, (Math.ceil(high / step) || 1) * step, step];
};
const draw = (axis, filter) => { // as drawing/stacked.py does
  const figure = document.querySelector(`#${sections[axis]} figure[data-chart]`);
  if (!figure) return;
  const svg = figure.querySelector("svg");
  const { groups } = cube.axes[axis];
  const layers = new Map();
  for (const [place, group] of [...grouped(axis, filter)].sort(([a], [b]) => a - b)) {
    const color = groups[place].color ?? -1;
    const before = layers.get(color);
    layers.set(color, {
      label: color < 0 ? `Other ${cube.axes[axis].noun}` : groups[place].label,
      daily: before ? before.daily.map((a, i) => plus(a, group.daily[i])) : group.daily,
    });
  }
  const bins = cube.bins.map(([first, end, , when]) => ({ when, first, end, up: 0, down: 0, parts: [] }));
  const bars = drawn("g", { class: "bars" });
  const boxes = [];
  for (const [color, { label, daily }] of layers) {
    const g = drawn("g", { class: `c${color < 0 ? svg.dataset.others : color}` });
    bars.append(g);
    bins.forEach((bin, i) => {
      const amounts = daily.slice(bin.first, bin.end);
      const sum = amounts.includes(null) ? null : known(amounts);
      bin.parts.push([label, sum]);
      if (!sum) return;
      const side = sum > 0n ? "up" : "down", from = bin[side];
      bin[side] += float(sum);
      boxes.push([g, i, Math.min(from, bin[side]), Math.max(from, bin[side])]);
    });
  }
  const [low, high, step] = ticks(Math.min(0, ...bins.map((b) => b.down)), Math.max(0, ...bins.map((b) => b.up)));
  const top = 18, tall = 236, wide = 100 / bins.length;
  const y = (amount) => top + ((high - amount) / (high - low)) * tall;
  for (const [g, i, from, to] of boxes) {
    g.append(drawn("rect", { x: `${(i + 0.08) * wide}%`, width: `${0.84 * wide}%`, y: y(to), height: y(from) - y(to) }));
  }
  const lines = drawn("g", { class: "axis", "text-anchor": "end" });
  const places = step >= 1 && Number.isInteger(step) ? 0 : step >= 0.01 ? 2 : 6;
  for (let n = Math.round(low / step); n <= Math.round(high / step); n++) {
    const at = y(n * step);
    const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
    const text = currency(Math.abs(n * step).toLocaleString("en-US", digits), n < 0, false);
    lines.append(drawn("line", { x2: "100%", y1: at, y2: at, class: n ? "" : "zero" }), drawn("text", { x: -8, y: at + 4 }, text));
  }
  const hits = drawn("g", { class: "hits", fill: "transparent" });
  bins.forEach((bin, i) => {
    const hit = drawn("rect", { x: `${i * wide}%`, width: `${wide}%`, y: 0, height: top + tall });
    const sorted = bin.parts.filter(([, sum]) => sum).sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0));
    const unknown = bin.parts.filter(([, sum]) => sum === null);
    const sum = money(known(bin.parts.map(([, each]) => each)));
    const total = unknown.length === bin.parts.length ? "not known" : (unknown.length ? "at least " : "") + sum;
    const told = [...sorted.map(([label, sum]) => `${label}: ${money(sum)}`), ...unknown.map(([label]) => `${label}: not known`)];
    said.set(hit, [`${bin.when}: ${total}`, ...told].join("\n"));
    hits.append(hit);
  });
  const old = charts.get(figure);
  const labels = old.find((each) => each.classList?.contains("labels"));
  const marks = old.find((each) => each.classList?.contains("marks")).cloneNode(true);
  const first = old.find((each) => each.classList?.contains("marks"));
  [...marks.children].forEach((mark, n) => {
    const of = cube.marks[n];
    const matches = filter.every((place, i) => place === null || of[i] === place);
    mark.style.display = matches ? "" : "none";
    mark.setAttribute("y", y(bins[Number(mark.classList[0].slice(2))].up) - 3);
    said.set(mark.firstElementChild, said.get(first.children[n].firstElementChild));
  });
  svg.replaceChildren(...old.filter((each) => each.tagName === "desc"), lines, bars, labels, hits, marks);
  const list = figure.querySelector(".legend");
  const items = [...layers].map(([color, { label }]) => {
    const swatch = made("span", { className: `swatch b${color < 0 ? svg.dataset.others : color}` });
    return made("li", {}, swatch, made("bdi", { textContent: label }));
  });
  const sign = legends.get(list).filter((each) => each.querySelector?.(".mark"));
  list.replaceChildren(...items, ...(cube.marks.some((of) => filter.every((p, i) => p === null || of[i] === p)) ? sign : []));
};

const scopes = new Map(all("main section").map((section) => {
  const note = made("p", { className: "scope", hidden: true });
  section.querySelector("h3").after(note);
  return [section, note];
}));
const restore = () => {
  kept.forEach(([element, inside]) => { element.innerHTML = inside; element.hidden = false; });
  order.forEach((rows) => rows[0]?.parentNode.append(...rows));
  charts.forEach((inside, figure) => figure.querySelector("svg").replaceChildren(...inside));
  legends.forEach((inside, list) => list.replaceChildren(...inside));
  all("#projects [aria-sort], #models [aria-sort]").forEach((head) => head.removeAttribute("aria-sort"));
  all("main tr[hidden]").forEach((row) => { row.hidden = false; });
  all("figure[hidden], section > p[hidden], details[hidden]").forEach((each) => { each.hidden = false; });
  scopes.forEach((note) => { note.hidden = true; note.textContent = ""; });
};
const apply = () => {
  const filter = selects.map((select) => (select.value === "" ? null : Number(select.value)));
  restore();
  hide();
  document.documentElement.dataset.filtered = filter.some((place) => place !== null);
  if (filter.every((place) => place === null)) { status.textContent = ""; return; }
  const names = filter.map((place, axis) => (place === null ? null : cube.axes[axis].groups[place].label));
  const what = names.filter((name) => name !== null).join(" and ");
  const whole = { daily: Array(days).fill(0n), previous: 0n };
  for (const group of grouped(0, filter).values()) {
    whole.daily = whole.daily.map((amount, i) => plus(amount, group.daily[i]));
    whole.previous += group.previous;
  }
  const total = known(whole.daily);
  sections.forEach((name, axis) => {
    const table = document.querySelector(`#${name} table`);
    if (!table) return;
    const groups = grouped(axis, filter);
    const { groups: listed } = cube.axes[axis];
    for (const row of table.tBodies[0].rows) {
      const place = row.classList.contains("rest")
        ? listed.findIndex((group) => group.rest)
        : listed.findIndex((group) => !group.rest && group.id === (row.cells[0].dataset.key ?? null));
      const group = groups.get(place);
      row.hidden = !group || (known(group.daily) === 0n && group.previous === 0n);
      if (!row.hidden) fill(row, group, total);
    }
    sort(table, 1, true);
    fill(table.tFoot.rows[0], whole, total);
    draw(axis, filter);
  });
  const tile = document.querySelector(".tiles li:first-child a");
  tile.querySelector(".value").textContent = atLeast(total);
  const change = cube.compared && whole.previous > 0n ? percent(float(total - whole.previous) / float(whole.previous), "+") : "";
  tile.querySelector(".note").textContent = `${what} alone${change && `; ${change} against ${money(whole.previous)}`}`;
  scopes.forEach((note, section) => {
    note.hidden = false;
    if (sections.includes(section.id)) {
      note.textContent = `Filtered: ${what} alone cost ${atLeast(total)}.`;
      all(":scope > p:not(.scope), details", section).forEach((each) => { each.hidden = true; });
      return;
    }
    const by = new Set();
    all("table", section).forEach((table) => {
      const heads = [...table.tHead.rows[0].cells];
      heads.forEach((head, place) => {
        const axis = ["project", "model"].indexOf(head.dataset.of);
        if (axis < 0 || filter[axis] === null) return;
        by.add(axis);
        const { groups } = cube.axes[axis];
        const own = new Set(groups.filter((group) => !group.rest).map((group) => group.id));
        const { id, rest } = groups[filter[axis]];
        for (const row of table.tBodies[0].rows) {
          const key = row.cells[place].dataset.key ?? null;
          if (row.classList.contains("rest") || (rest ? own.has(key) : key !== id)) row.hidden = true;
        }
      });
    });
    const axes = [0, 1].filter((axis) => filter[axis] !== null);
    if (by.size) all("figure", section).forEach((figure) => { figure.hidden = true; });
    note.textContent = by.size
      ? `Filtered: of the rows listed, those of ${axes.filter((axis) => by.has(axis)).map((axis) => names[axis]).join(" and ")}. `
        + "Sentences are about everything in the report."
      : "Not filtered: about everything in the report.";
  });
  status.textContent = `${what}: ${atLeast(total)}. The other figures at the top are not filtered.`;
};
const choice = (axis, title) => {
  const select = made("select", {}, new Option(`all ${cube.axes[axis].noun}`, ""));
  cube.axes[axis].groups.forEach(({ label }, place) => select.add(new Option(label, String(place))));
  select.addEventListener("change", apply);
  return [made("label", {}, made("span", { textContent: title }), select), select];
};
const choices = [choice(0, "Project"), choice(1, "Model")];
const selects = choices.map(([, select]) => select);
const status = made("span", {});
status.setAttribute("role", "status");
const reset = made("button", { type: "reset", textContent: "Show all" });
const form = made("form", {}, ...choices.map(([label]) => label), reset, status);
form.setAttribute("aria-label", "Filter costs");
form.addEventListener("reset", () => setTimeout(apply));
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("filter").append(form);
