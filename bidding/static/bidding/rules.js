// The rules beside the draft's form: redrawn after each save, and said again under the field that they concern.

const panel = document.querySelector("[data-rules]");
if (panel) {
  beside();
  document.addEventListener("autosaved", (event) => {
    if (!Array.isArray(event.detail.findings)) return;
    draw(event.detail.findings);
    beside();
  });
}

function draw(findings) {
  panel.querySelector("[data-rules-kept]").hidden = findings.length > 0;
  panel.querySelector("[data-rules-list]").replaceChildren(...findings.map(line));
}

function line(finding) {
  const isError = finding.severity === "error";
  const item = made("li", "finding", "");
  item.dataset.field = finding.field;
  const link = made("a", "", finding.text);
  link.href = `#f-${finding.field}`;
  const badge = made("span", `badge badge--${isError ? "danger" : "warning"}`, isError ? panel.dataset.must : panel.dataset.mind);
  item.append(badge, " ", link, " ", made("span", "quiet", finding.basis));
  return item;
}

function beside() {
  for (const old of document.querySelectorAll("[data-rule-beside]")) old.remove();
  for (const item of panel.querySelectorAll("li[data-field]")) {
    const field = document.getElementById(`f-${item.dataset.field}`)?.closest(".field");
    if (!field) continue;
    const note = made("p", "rule-beside", item.querySelector("a").textContent);
    note.dataset.ruleBeside = "";
    note.append(" ", made("span", "quiet", item.querySelector(".quiet").textContent));
    field.append(note);
  }
}

function made(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}
