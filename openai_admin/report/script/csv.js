// Tables as CSV: exact, and no text is a formula to a spreadsheet.
const guarded = (text) =>
  /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) && !/^-\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
const field = (text) => {
  const safe = guarded(text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const csv = (table) => {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
  const columns = heads.flatMap((head, place) => {
    if (!rows.some((row) => value(row.cells[place]) !== "")) return [];
    const name = head.textContent + (head.dataset.unit ? ` (${head.dataset.unit})` : "");
    const found = [[name, (row) => value(row.cells[place])]];
    if (rows.some((row) => row.cells[place].querySelector(".id"))) {
      found.push([`${name} id`, (row) => row.cells[place].dataset.key ?? ""]);
    }
    return found;
  });
  const lines = [columns.map(([name]) => name), ...rows.map((row) => columns.map(([, of]) => of(row)))];
  return `\ufeff${lines.map((line) => line.map(field).join(",")).join("\r\n")}\r\n`;
};
all("table").forEach((table) => {
  const button = made("button", { type: "button", className: "csv", textContent: "CSV" });
  const caption = table.caption.textContent;
  button.setAttribute("aria-label", `Download as CSV: ${caption}`);
  button.addEventListener("click", () => {
    const link = made("a", { download: `${caption.replace(/[^\w-]+/g, "-").toLowerCase()}.csv` });
    link.href = URL.createObjectURL(new Blob([csv(table)], { type: "text/csv" }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  table.parentNode.before(button);
});
