// Serves the visitor's page without a network: the network first, else what was kept last.
const KEPT = "visits-1";
const OURS = (url) => url.pathname === "/visits/mine/" || /^\/static\/(shell|visits)\//.test(url.pathname);

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !OURS(url)) return;
  event.respondWith(
    (async () => {
      const kept = await caches.open(KEPT);
      try {
        const answer = await fetch(event.request);
        if (answer.ok && !answer.redirected) await kept.put(event.request.url, answer.clone());
        return answer;
      } catch (error) {
        const held = await kept.match(event.request.url);
        if (held) return held;
        throw error;
      }
    })(),
  );
});
