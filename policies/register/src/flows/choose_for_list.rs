//! Keeps how a list is to be read: encoding, sheet, columns, the day it counts from, and which proposals are accepted.
//! Standard: none.
//! It must never change a list that is being published or was.

use std::collections::BTreeSet;

use platform::audit::Housekeeping;
use platform::{Ground, db};
use serde_json::json;

use super::read_list::{ReadList, open_apart, own, stored};
use crate::domain::intake::encoding::Encoding;
use crate::domain::intake::header::{self, Mapping};
use crate::store::lists;

/// What was chosen. What is absent stays as it was.
#[derive(Debug, Default)]
pub struct Choice {
    /// Encoding of a text file.
    pub encoding: Option<Encoding>,
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Row of headings and columns.
    pub mapping: Option<Mapping>,
    /// From when on people are in their posts, UTC ms.
    pub effective: Option<i64>,
    /// Groups of proposals accepted.
    pub accepted: Option<BTreeSet<String>>,
}

/// A choice was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ChooseForList {
    /// A column stands for two things, or lies outside the sheet.
    #[error("a column was chosen twice")]
    Twice,
    /// The list is no longer open for choices.
    #[error("the list is no longer open")]
    Closed,
    /// The list cannot be read.
    #[error(transparent)]
    Read(#[from] ReadList),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
}

/// Keeps a choice. Another sheet or encoding looks for the headings anew.
pub async fn run(
    ground: &Ground,
    person: &str,
    id: &str,
    choice: Choice,
) -> Result<(), ChooseForList> {
    let mut conn = ground.db.read().await?;
    let mut list = own(&mut conn, person, id, ground.now()).await?;
    if let Some(mapping) = &choice.mapping
        && !mapping.is_sound()
    {
        return Err(ChooseForList::Twice);
    }
    let encoding = choice.encoding.map(|e| e.as_str().to_owned());
    let elsewhere = encoding.is_some() && encoding != list.encoding
        || choice.sheet.is_some() && choice.sheet != list.sheet;
    if elsewhere {
        let bytes = stored(&mut conn, &ground.sealer, id).await?;
        let opened = open_apart(bytes, choice.sheet.clone(), choice.encoding).await?;
        list.mapping = json!(header::find(&opened.sheet).unwrap_or_default()).to_string();
    } else if let Some(mapping) = choice.mapping {
        list.mapping = json!(mapping).to_string();
    }
    list.encoding = encoding.or(list.encoding);
    list.sheet = choice.sheet.or(list.sheet);
    list.effective = choice.effective.unwrap_or(list.effective);
    if let Some(accepted) = choice.accepted {
        list.accepted = json!(accepted).to_string();
    }
    drop(conn);
    let list = &list;
    let kept = ground
        .db
        .write(|mut tx| async move {
            let kept = lists::choose(&mut tx, list).await?;
            Ok::<_, db::Error>(tx.housekeeping(Housekeeping::Dialogue, kept))
        })
        .await?;
    if kept {
        Ok(())
    } else {
        Err(ChooseForList::Closed)
    }
}
