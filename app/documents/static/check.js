// The hash of a file that never leaves this computer, compared with the one on record.
const form = document.querySelector("[data-document-check]");

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function check(file, expected, output) {
  output.hidden = false;
  output.className = "notice notice--info";
  output.textContent = form.dataset.working;
  const found = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  const same = found === expected;
  output.className = `notice ${same ? "notice--success" : "notice--danger"}`;
  output.textContent = same ? form.dataset.same : `${form.dataset.different} ${found}`;
}

if (form && globalThis.crypto?.subtle) {
  const output = form.querySelector("output");
  form.querySelector("[data-file-part]").hidden = false;
  form.querySelector("input[type=file]").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) check(file, form.dataset.sha256, output);
  });
}
