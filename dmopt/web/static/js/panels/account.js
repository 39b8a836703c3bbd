/** Which region, a file of one's own, and who is signed in. */

import { at, button, fill, h } from "../dom.js";
import { ApiError } from "../api.js";
import { options } from "./group.js";

export function createAccount(store, actions) {
  const region = at("region");
  store.on(["instances", "instance"], ({ instances, instance }) =>
    fill(region, instances.length > 0 && [
      h("label", { for: "instance", class: "visually-hidden" }, "Region"),
      h("select", {
        id: "instance",
        value: instance?.id ?? "",
        on: { change: (event) => actions.openInstance(event.target.value) },
      }, options(instances.map(({ id, name, own }) => [id, own ? `${name} (your file)` : name]))),
    ]));
  store.on(["session"], ({ session }) => {
    if (!session) return;
    fill(at("account"),
      uploader(actions),
      session.needs_password && session.signed_in && [
        h("span", { class: "user" }, session.user),
        button("Sign out", actions.signOut, { class: "small quiet on-dark" }),
      ]);
    askToSignIn(session, actions);
  });
}

function uploader(actions) {
  const input = h("input", {
    type: "file",
    id: "upload",
    class: "visually-hidden",
    accept: ".xlsx,.gpkg",
    on: {
      change: async () => {
        const [file] = input.files;
        if (file) await actions.upload(file);
        input.value = "";
      },
    },
  });
  return h("span", { class: "upload" }, input,
    h("label", { for: "upload", class: "button small quiet on-dark" }, "Open a file"));
}

function askToSignIn({ needs_password: needed, signed_in: isIn, user }, actions) {
  const dialog = at("sign-in");
  if (!needed || isIn) {
    if (dialog.open) dialog.close();
    return;
  }
  const name = h("input", { id: "sign-in-user", name: "user", autocomplete: "username", value: user ?? "" });
  const password = h("input", { id: "sign-in-password", name: "password", type: "password", autocomplete: "current-password", required: true });
  const wrong = h("p", { class: "fault", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    try {
      await actions.signIn(name.value.trim(), password.value);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      fill(wrong, error.message, error.retryAfter ? ` Try again in ${error.retryAfter} s.` : "");
      password.value = "";
      password.focus();
    }
  };
  fill(dialog, h("form", { on: { submit } },
    h("h2", {}, "Sign in"),
    h("div", { class: "field" }, h("label", { for: "sign-in-user" }, "Name"), name),
    h("div", { class: "field" }, h("label", { for: "sign-in-password" }, "Password"), password),
    wrong,
    h("button", { class: "primary" }, "Sign in")));
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  if (!dialog.open) dialog.showModal();
  (name.value ? password : name).focus();
}
