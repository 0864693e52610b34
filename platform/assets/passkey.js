/* Passkeys for forms with data-webauthn="get|create" and data-options (JSON, binary as base64url).
   The credential goes into the field "credential" as JSON; then the form is sent as any other. No other host, no storage. */
(() => {
  "use strict";
  const vi = document.documentElement.lang !== "en";
  const words = {
    unsupported: vi ? "Trình duyệt này không dùng được khóa đăng nhập. Hãy dùng bản Chrome, Edge, Firefox hoặc Safari mới hơn, hoặc cách khác."
      : "This browser cannot use passkeys. Use a newer Chrome, Edge, Firefox or Safari, or another way.",
    waiting: vi ? "Đang chờ khóa: chạm vân tay, nhập mã PIN hoặc cắm khóa bảo mật."
      : "Waiting for your passkey: touch the sensor, enter the PIN or plug in the security key.",
    NotAllowedError: vi ? "Chưa dùng được khóa: đã hủy, hết giờ chờ, hoặc máy không có khóa cho trang này. Hãy thử lại."
      : "The passkey was not used: cancelled, timed out, or this device has none for this site. Try again.",
    InvalidStateError: vi ? "Khóa này đã được đăng ký rồi. Hãy dùng khóa khác." : "This passkey is registered already. Use another one.",
    SecurityError: vi ? "Địa chỉ trang không đúng với địa chỉ của khóa. Hãy kiểm tra địa chỉ trên thanh trình duyệt."
      : "The address of this page does not match the passkey. Check the address bar.",
    other: vi ? "Có lỗi khi dùng khóa. Hãy thử lại hoặc dùng cách khác." : "Something went wrong with the passkey. Try again or use another way.",
  };
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const ids = (list) => (list || []).map((entry) => ({ ...entry, id: bytes(entry.id) }));

  const read = (form) => {
    const given = JSON.parse(form.dataset.options);
    const options = given.publicKey || given;
    const out = { ...options, challenge: bytes(options.challenge) };
    if (options.allowCredentials) out.allowCredentials = ids(options.allowCredentials);
    if (options.excludeCredentials) out.excludeCredentials = ids(options.excludeCredentials);
    if (options.user) out.user = { ...options.user, id: bytes(options.user.id) };
    return out;
  };

  const write = (credential) => {
    const r = credential.response;
    const out = {
      id: credential.id, rawId: text(credential.rawId), type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults ? credential.getClientExtensionResults() : {},
      response: { clientDataJSON: text(r.clientDataJSON) },
    };
    if (r.attestationObject) {
      out.response.attestationObject = text(r.attestationObject);
      out.response.transports = r.getTransports ? r.getTransports() : [];
    } else {
      out.response.authenticatorData = text(r.authenticatorData);
      out.response.signature = text(r.signature);
      if (r.userHandle) out.response.userHandle = text(r.userHandle);
    }
    return JSON.stringify(out);
  };

  const region = (form) => {
    let found = form.querySelector("[data-webauthn-status]");
    if (!found) {
      found = document.createElement("p");
      found.setAttribute("data-webauthn-status", "");
      found.setAttribute("aria-live", "polite");
      form.append(found);
    }
    return found;
  };

  for (const form of document.querySelectorAll("form[data-webauthn]")) {
    const status = region(form);
    const supported = window.PublicKeyCredential && navigator.credentials;
    if (!supported) status.textContent = words.unsupported;
    let ready = false;
    form.addEventListener("submit", async (event) => {
      if (ready || !supported) return;
      event.preventDefault();
      const submitter = event.submitter;
      /* A button that refuses or cancels needs no passkey. */
      if (submitter && submitter.hasAttribute("data-webauthn-skip")) { ready = true; form.requestSubmit(submitter); return; }
      if (submitter) submitter.disabled = true;
      status.textContent = words.waiting;
      try {
        const publicKey = read(form);
        const credential = form.dataset.webauthn === "create"
          ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
        let field = form.elements.namedItem("credential");
        if (!field) {
          field = document.createElement("input");
          field.type = "hidden"; field.name = "credential";
          form.append(field);
        }
        field.value = write(credential);
        ready = true;
        if (submitter) submitter.disabled = false;
        form.requestSubmit(submitter || undefined);
      } catch (error) {
        if (submitter) submitter.disabled = false;
        status.textContent = words[error && error.name] || words.other;
      }
    });
  }
})();
