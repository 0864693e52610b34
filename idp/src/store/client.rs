//! Clients with their addresses.

use crate::domain::client::{Algorithm, Client};
use crate::domain::scope::Scopes;
use platform::db::{Conn, Error, Tx};

platform::statements! {
    pub UPSERT = "INSERT INTO client (id, name_vi, name_en, secret, scopes, id_token_alg, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE SET name_vi = excluded.name_vi, name_en = excluded.name_en, secret = excluded.secret, scopes = excluded.scopes, id_token_alg = excluded.id_token_alg";
    pub CLEAR_ADDRESSES = "DELETE FROM client_address WHERE client = $1";
    pub INSERT_ADDRESS = "INSERT INTO client_address (client, kind, address) VALUES ($1, $2, $3)";
    pub FIND = "SELECT id, name_vi, name_en, secret, scopes, id_token_alg FROM client WHERE id = $1";
    pub ADDRESSES = "SELECT kind, address FROM client_address WHERE client = $1 ORDER BY kind, address";
    pub ALL_ADDRESSES = "SELECT kind, address FROM client_address ORDER BY address";
}

#[derive(sqlx::FromRow)]
struct Stored {
    id: String,
    name_vi: String,
    name_en: String,
    secret: Vec<u8>,
    scopes: String,
    id_token_alg: String,
}

#[derive(sqlx::FromRow)]
struct Address {
    kind: String,
    address: String,
}

/// Adds a client or replaces what is known of it.
pub async fn replace(tx: &mut Tx, client: &Client, now: i64) -> Result<(), Error> {
    let row = (
        &client.id,
        &client.name_vi,
        &client.name_en,
        &client.secret,
        client.scopes.to_string(),
        client.id_token_alg.as_str(),
        now,
    );
    tx.execute(&UPSERT, row).await?;
    tx.execute(&CLEAR_ADDRESSES, (&client.id,)).await?;
    for address in &client.redirect_uris {
        tx.execute(&INSERT_ADDRESS, (&client.id, "redirect", address))
            .await?;
    }
    for address in &client.post_logout_redirect_uris {
        tx.execute(&INSERT_ADDRESS, (&client.id, "post_logout", address))
            .await?;
    }
    Ok(())
}

/// By `client_id`.
pub async fn find(conn: &mut Conn, id: &str) -> Result<Option<Client>, Error> {
    let Some(row) = conn.optional::<Stored, _>(&FIND, (id,)).await? else {
        return Ok(None);
    };
    let Some(id_token_alg) = Algorithm::parse(&row.id_token_alg) else {
        return Ok(None);
    };
    let addresses: Vec<Address> = conn.all(&ADDRESSES, (id,)).await?;
    let of = |kind: &str| {
        addresses
            .iter()
            .filter(|a| a.kind == kind)
            .map(|a| a.address.clone())
            .collect()
    };
    Ok(Some(Client {
        scopes: Scopes::parse(&row.scopes),
        id_token_alg,
        redirect_uris: of("redirect"),
        post_logout_redirect_uris: of("post_logout"),
        id: row.id,
        name_vi: row.name_vi,
        name_en: row.name_en,
        secret: row.secret,
    }))
}

/// Every registered address, for the content policy of our forms.
pub async fn all_addresses(conn: &mut Conn) -> Result<Vec<String>, Error> {
    let rows: Vec<Address> = conn.all(&ALL_ADDRESSES, ()).await?;
    Ok(rows.into_iter().map(|a| a.address).collect())
}
