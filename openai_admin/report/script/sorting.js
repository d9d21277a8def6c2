// Tables sorted by a heading.
const words = new Intl.Collator(undefined, { numeric: true });
const value = (cell) => cell.dataset.v ?? (cell.querySelector("bdi") ?? cell).textContent;
const number = (cell) => {
  const text = cell.dataset.v;
  return text === undefined || !/^[-+\d.eE]+$/.test(text) ? undefined : Number(text);
};
const compare = (one, other) => {
  const a = number(one), b = number(other);
  if (a !== undefined && b !== undefined) return a - b;
  return words.compare(value(one), value(other));
};
const sort = (table, place, down) => {
  const body = table.tBodies[0];
  const rows = [...body.rows].filter((row) => !row.classList.contains("rest"));
  const empty = (row) => value(row.cells[place]) === "";
  rows.sort((a, b) => {
    if (empty(a) !== empty(b)) return empty(a) ? 1 : -1;
    return compare(a.cells[place], b.cells[place]) * (down ? -1 : 1);
  });
  body.prepend(...rows);
};
all("table").forEach((table) => {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, place) => {
    if ([...table.tBodies[0].rows].every((row) => value(row.cells[place]) === "")) return;
    // No button element: where a heading is repeated on paper, Chromium leaves it out.
    const button = made("span", { tabIndex: 0 }, ...head.childNodes);
    button.setAttribute("role", "button");
    head.append(button);
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      button.click();
    });
    button.addEventListener("click", () => {
      const first = head.classList.contains("number") ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order);
      sort(table, place, order === "descending");
    });
  });
});
