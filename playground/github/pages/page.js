// Buttons with data-post send their data-body to the playground's control endpoint and show the page anew.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-post]");
  if (!button) return;
  button.disabled = true;
  const answer = await fetch(button.dataset.post, { method: "POST", body: button.dataset.body });
  const result = await answer.json();
  if (!result.ok) alert(result.error);
  location.reload();
});
// What is still moving is looked at again every second, without losing the place or an open log.
if (document.body.dataset.moving === "true") {
  const again = async () => {
    const answer = await fetch(location.href);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = new Set([...document.querySelectorAll("details[open]")].map((d) => d.id));
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
    open.forEach((id) => id && document.getElementById(id)?.setAttribute("open", ""));
    if (fresh.body.dataset.moving === "true") setTimeout(again, 1000);
  };
  setTimeout(again, 1000);
}
