//! Takes a list in: bounded, readable, kept sealed with the likeliest way of reading it.
//! Standard: none; docs/SECURITY.md (files that hold personal numbers are sealed and forgotten after their time)
//! It must never change the register, nor keep a file that it cannot read.

use platform::audit::{Actor, Event};
use platform::ids;
use platform::{Ground, db};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::read_list::{ReadList, may_read, open_apart};
use crate::domain::intake::header::{self, Mapping};
use crate::domain::intake::sheet::{MAX_BYTES, Unreadable};
use crate::domain::text::tidy;
use crate::store::lists::{self, ListRow, ListState};

/// Longest file name kept.
const MAX_NAME: usize = 200;

/// What is handed in.
#[derive(Debug)]
pub struct Upload {
    /// Name of the file.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// From when on people are in their posts, UTC ms.
    pub effective: i64,
}

/// Keeps a list and gives its id.
pub async fn run(
    ground: &Ground,
    person: &str,
    post: Option<&str>,
    upload: Upload,
) -> Result<String, ReadList> {
    let now = ground.now();
    let mut conn = ground.db.read().await?;
    may_read(&mut conn, person, now).await?;
    if upload.bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge(MAX_BYTES >> 20).into());
    }
    let opened = open_apart(upload.bytes.clone(), None, None).await?;
    let found = header::find(&opened.sheet).unwrap_or_default();
    let remembered = remembered(&mut conn, &header::signature(&opened.sheet, found.header)).await?;
    let mapping = remembered
        .filter(|mapping| mapping.header == found.header)
        .unwrap_or(found);
    drop(conn);
    let id = ids::new("lst", &ground.entropy);
    let sealed = ground
        .sealer
        .seal("list_import", "bytes", &id, &upload.bytes)
        .map_err(|error| ReadList::Stored(error.to_string()))?;
    let list = ListRow {
        id: id.clone(),
        state: ListState::Judged,
        file_name: tidy(&upload.file_name).chars().take(MAX_NAME).collect(),
        digest: data_encoding::HEXLOWER.encode(&Sha256::digest(&upload.bytes)),
        encoding: opened.encodings.first().map(|e| e.as_str().to_owned()),
        sheet: (!opened.sheet.name.is_empty()).then(|| opened.sheet.name.clone()),
        mapping: json!(mapping).to_string(),
        effective: upload.effective,
        accepted: "[]".to_owned(),
        uploaded_by: person.to_owned(),
        uploaded_at: now,
        change_set: None,
        undone_by: None,
        failure: None,
    };
    let actor = Actor::Person {
        person: person.to_owned(),
        post: post.map(str::to_owned),
    };
    let event = Event::new("register.list_received", now, actor, &ground.entropy)
        .about("list", &list.id)
        .detail(json!({"file": list.file_name, "sha256": list.digest}));
    let (list, event, sealed) = (&list, &event, &sealed);
    ground
        .db
        .write(|mut tx| async move {
            lists::add(&mut tx, list, sealed).await?;
            Ok::<_, db::Error>(tx.commit(event.clone(), ()))
        })
        .await?;
    Ok(id)
}

async fn remembered(
    conn: &mut platform::db::Conn,
    signature: &str,
) -> Result<Option<Mapping>, db::Error> {
    let Some(text) = lists::mapping(conn, signature).await? else {
        return Ok(None);
    };
    // A mapping of an older program that no longer reads is a mapping not remembered.
    Ok(serde_json::from_str(&text).ok())
}
