CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL UNIQUE,
    handle BYTEA NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    created_at BIGINT NOT NULL
);

CREATE TABLE password (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    hash TEXT NOT NULL,
    set_at BIGINT NOT NULL
);

CREATE TABLE totp (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    secret BYTEA NOT NULL,
    last_step BIGINT,
    set_at BIGINT NOT NULL
);

CREATE TABLE passkey (
    credential_id BYTEA NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    label TEXT NOT NULL,
    stored TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used BIGINT
);
CREATE INDEX passkey_account ON passkey (account);

CREATE TABLE activation (
    selector TEXT NOT NULL PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    used_at BIGINT,
    pending_password TEXT,
    pending_totp BYTEA
);
CREATE INDEX activation_account ON activation (account);

CREATE TABLE setup_code (
    id TEXT NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES account (id),
    person TEXT NOT NULL,
    acr TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    device TEXT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX session_account ON session (account);

CREATE TABLE session_post (
    session TEXT NOT NULL REFERENCES session (id),
    client TEXT NOT NULL,
    post TEXT NOT NULL,
    appointment TEXT NOT NULL,
    chosen_at BIGINT NOT NULL,
    PRIMARY KEY (session, client)
);

CREATE TABLE client (
    id TEXT NOT NULL PRIMARY KEY,
    name_vi TEXT NOT NULL,
    name_en TEXT NOT NULL,
    secret BYTEA NOT NULL,
    scopes TEXT NOT NULL,
    id_token_alg TEXT NOT NULL CHECK (id_token_alg IN ('ES256', 'RS256')),
    created_at BIGINT NOT NULL
);

CREATE TABLE client_address (
    client TEXT NOT NULL REFERENCES client (id),
    kind TEXT NOT NULL CHECK (kind IN ('redirect', 'post_logout')),
    address TEXT NOT NULL,
    PRIMARY KEY (client, kind, address)
);

CREATE TABLE authorization_grant (
    id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL REFERENCES client (id),
    session TEXT NOT NULL REFERENCES session (id),
    account TEXT NOT NULL REFERENCES account (id),
    person TEXT NOT NULL,
    post TEXT,
    appointment TEXT,
    scopes TEXT NOT NULL,
    acr TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    nonce TEXT,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX authorization_grant_session ON authorization_grant (session);
CREATE INDEX authorization_grant_account ON authorization_grant (account);

CREATE TABLE authorization_code (
    digest BYTEA NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES authorization_grant (id),
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX authorization_code_expiry ON authorization_code (expires_at);

CREATE TABLE refresh_token (
    digest BYTEA NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES authorization_grant (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_token_grant ON refresh_token (grant_id);

CREATE TABLE signing_key (
    id TEXT NOT NULL PRIMARY KEY,
    alg TEXT NOT NULL CHECK (alg IN ('ES256', 'RS256')),
    private BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

CREATE TABLE ceremony (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('sign_in', 'activate', 'add', 'set_up')),
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX ceremony_expiry ON ceremony (expires_at);

CREATE TABLE sign_in_attempt (
    counter BYTEA NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
);
CREATE INDEX sign_in_attempt_last ON sign_in_attempt (last_at);
