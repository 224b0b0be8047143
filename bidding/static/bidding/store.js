// This browser's own shelf (IndexedDB): signing keys, a sealed bid until its receipt is here, and the server's keys as
// first seen. Of a bid's price nothing readable is ever put here: keys are not extractable, bids are sealed. The key of its
// documents is kept until the bid is received, so that an upload can go on after the page was closed.

const NAME = "naru-bidding";
const SHELVES = ["keys", "outbox", "seen", "drafts"];

function settle(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function open() {
  const request = indexedDB.open(NAME, 2);
  request.onupgradeneeded = () => {
    const here = request.result.objectStoreNames;
    SHELVES.filter((shelf) => !here.contains(shelf)).forEach((shelf) => request.result.createObjectStore(shelf));
  };
  return settle(request);
}

async function within(shelf, mode, act) {
  const database = await open();
  try {
    const transaction = database.transaction(shelf, mode, { durability: "strict" });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const result = await settle(act(transaction.objectStore(shelf)));
    await done;
    return result;
  } finally {
    database.close();
  }
}

export const put = (shelf, name, value) => within(shelf, "readwrite", (store) => store.put(value, name));
export const get = (shelf, name) => within(shelf, "readonly", (store) => store.get(name));
export const all = (shelf) => within(shelf, "readonly", (store) => store.getAll());
export const remove = (shelf, name) => within(shelf, "readwrite", (store) => store.delete(name));
