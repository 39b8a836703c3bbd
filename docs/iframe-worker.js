/* A site opened from a folder may not start workers, which the search runs in: browsers
   refuse them for file addresses. Here a hidden frame stands in for a worker. It offers
   what the search uses: postMessage both ways, importScripts, addEventListener. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.appendChild(frame);
      this.frame = frame;
      this.waiting = [];
      const inner = frame.contentWindow;
      inner.postMessage = (data) => this.heard(data);
      inner.importScripts = (...addresses) =>
        addresses.reduce((before, each) => before.then(() => load(inner, each)),
          Promise.resolve());
      load(inner, address).then(() => {
        this.ready = true;
        this.waiting.splice(0).forEach((data) => this.postMessage(data));
      });
    }
    postMessage(data) {
      if (!this.ready) {
        this.waiting.push(data);
        return;
      }
      const inner = this.frame.contentWindow;
      inner.dispatchEvent(new inner.MessageEvent("message", { data }));
    }
    heard(data) {
      const event = new MessageEvent("message", { data });
      this.dispatchEvent(event);
      if (this.onmessage) this.onmessage(event);
    }
    terminate() {
      this.frame.remove();
    }
  };

  function load(inner, address) {
    return new Promise((done, failed) => {
      const script = inner.document.createElement("script");
      script.src = new URL(address, location.href).href;
      script.onload = done;
      script.onerror = failed;
      inner.document.body.appendChild(script);
    });
  }
}
