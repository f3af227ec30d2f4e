// The way back is the way the browser came: also through a proxy that speaks https.
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
document.getElementById("terminal").dataset.sessionWebsocketUrl = `${scheme}//${location.host}/ws`;

// Keys go to the screen as soon as it is there, without a click.
new MutationObserver(() => document.querySelector(".xterm-helper-textarea")?.focus())
  .observe(document.body, { attributes: true, attributeFilter: ["class"] });
