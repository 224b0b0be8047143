// Tables become cards on a narrow screen: each cell then needs the name of its column. Sorting is told to screen readers.
export function startTables(root) {
  for (const table of root.querySelectorAll("table.table:not(.table--wide)")) {
    const heads = [...table.querySelectorAll("thead th")];
    if (!heads.length) continue;
    const names = heads.map((head) => nameOf(head));
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, index) => {
        if (!cell.hasAttribute("data-label") && names[index] && index > 0 && cell.colSpan === 1) cell.dataset.label = names[index];
      });
    }
    for (const head of heads) {
      const arrow = head.querySelector("a [aria-hidden]")?.textContent;
      if (arrow === "▲") head.setAttribute("aria-sort", "ascending");
      if (arrow === "▼") head.setAttribute("aria-sort", "descending");
    }
  }
}

function nameOf(head) {
  const copy = head.cloneNode(true);
  for (const extra of copy.querySelectorAll("[aria-hidden], .visually-hidden")) extra.remove();
  return copy.textContent.trim();
}
