// The sum of the technical criteria while they are typed; the server counts again when they are saved.

const body = document.querySelector("[data-criteria]");
const sum = document.querySelector("[data-criteria-sum]");
body.addEventListener("input", tell);
tell();

function tell() {
  const rows = [...body.rows].map((row) => ({
    level: Number(row.querySelector("select").value),
    name: row.querySelector("[name=criterion_name]").value.trim(),
    points: row.querySelector("[name=criterion_points]").value.trim(),
  })).filter((row) => row.name || row.points);
  const technical = rows.reduce((total, row, at) => total + (row.level === 1 ? full(rows, at) : 0), 0);
  const words = sum.dataset.alone ? sum.dataset.wordsAlone : sum.dataset.words;
  sum.textContent = words.replace("{technical}", technical).replace("{price}", 100 - technical);
}

// What a criterion counts: what was typed, else the sum of the parts below it.
function full(rows, at) {
  if (rows[at].points) return Number(rows[at].points) || 0;
  let total = 0;
  for (let next = at + 1; next < rows.length && rows[next].level > rows[at].level; next += 1) {
    if (rows[next].level === rows[at].level + 1) total += full(rows, next);
  }
  return total;
}
