// Files of a Direct Contact form go up one by one as they are chosen, with progress. Without this script the form's own
// buttons do the same, a page at a time.
(() => {
  "use strict";
  const form = document.querySelector("form[data-files]");
  if (!form) return;
  const { files: address, query, uploading, failed, remove, removed } = form.dataset;
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("ul.uploads");
  const told = form.querySelector("[data-told]");
  const send = form.querySelector("button[value=send]");
  form.querySelector("button[value=add]").hidden = true;
  let open = 0;

  const waiting = (change) => {
    open += change;
    send.disabled = open > 0;
  };

  const line = (name) => {
    const item = document.createElement("li");
    const text = document.createElement("span");
    text.className = "file";
    text.textContent = name;
    item.append(text);
    list.append(item);
    list.hidden = false;
    return item;
  };

  const added = (item, file) => {
    const size = document.createElement("span");
    size.className = "meta";
    size.textContent = file.size;
    const button = document.createElement("button");
    button.className = "quiet small";
    button.name = "do";
    button.value = `remove-${file.id}`;
    button.formNoValidate = true;
    button.textContent = remove;
    const about = document.createElement("span");
    about.className = "visually-hidden";
    about.textContent = ` ${file.name}`;
    button.append(about);
    item.querySelector(".file").textContent = file.name;
    item.append(size, button);
    told.textContent = `${file.name}: ${file.said}`;
  };

  const refused = (item, why) => {
    const text = document.createElement("span");
    text.className = "error";
    text.textContent = why || failed;
    item.append(text);
    told.textContent = `${item.querySelector(".file").textContent}: ${text.textContent}`;
  };

  const upload = (file) => {
    const item = line(file.name);
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `${uploading} ${file.name}`);
    item.append(bar);
    waiting(1);
    const call = new XMLHttpRequest();
    call.open("POST", address + query);
    call.responseType = "json";
    call.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    call.addEventListener("loadend", () => {
      waiting(-1);
      bar.remove();
      const answer = call.response || {};
      if (call.status === 200 && answer.files && answer.files.length === 1) added(item, answer.files[0]);
      else refused(item, answer.errors && answer.errors[0] && answer.errors[0].reason);
    });
    const body = new FormData();
    body.append("files", file);
    call.send(body);
  };

  input.addEventListener("change", () => {
    list.querySelectorAll("li").forEach((item) => {
      if (item.querySelector(".error")) item.remove();
    });
    Array.from(input.files).forEach(upload);
    input.value = "";
  });

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button[value^='remove-']");
    if (!button) return;
    event.preventDefault();
    button.disabled = true;
    fetch(`${address}/${button.value.slice("remove-".length)}/remove${query}`, { method: "POST" }).then((answer) => {
      if (answer.ok || answer.status === 404) {
        const item = button.closest("li");
        told.textContent = `${item.querySelector(".file").textContent}: ${removed}`;
        item.remove();
        list.hidden = list.children.length === 0;
        // The button that had the focus is gone. Whoever went on to another field stays there.
        if (document.activeElement === document.body) input.focus();
      } else {
        button.disabled = false;
      }
    }, () => {
      button.disabled = false;
    });
  });
})();
