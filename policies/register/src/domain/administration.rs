//! Roles of administration and the closed list of dangerous acts, read from `data/administration.toml`.
//! A table that cannot be read gives no rights to anybody; a test keeps it readable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use platform::i18n::Lang;

use super::words::{Kind, Reach, Verb};

const TEXT: &str = include_str!("../../data/administration.toml");

/// The role of those who administer the whole province.
pub const PROVINCE: &str = "province";
/// The role of those who administer one agency.
pub const AGENCY: &str = "agency";

/// The role that two officers' codes give for an hour.
pub const EMERGENCY: &str = "emergency";

/// What is needed for an act: a verb on a kind.
pub type Need = (Verb, Kind);

/// What every page of the organisation needs.
pub const READING: Need = (Verb::See, Kind::Agency);

/// A role of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its code, as in the column.
    pub code: String,
    /// How far a grant of it reaches.
    pub reach: Reach,
    /// What it lets its holder do.
    pub rights: BTreeSet<Need>,
    /// Whether officers' codes alone give it, and no administrator.
    pub codes_only: bool,
    /// Roles it gives and takes away though it does not hold their rights.
    pub gives: BTreeSet<String>,
    names: [String; 2],
    whats: [String; 2],
}

impl Role {
    /// Whether it gives this right.
    pub fn allows(&self, need: Need) -> bool {
        self.rights.contains(&need)
    }

    /// Its name.
    pub fn name(&self, lang: Lang) -> &str {
        in_lang(&self.names, lang)
    }

    /// What it is for, in one or two sentences.
    pub fn what(&self, lang: Lang) -> &str {
        in_lang(&self.whats, lang)
    }
}

/// A dangerous act of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangerous {
    /// Its code.
    pub act: String,
    /// The right that proposer and approver must both have.
    pub need: Need,
    /// Days until an undecided proposal expires.
    pub days: i64,
    names: [String; 2],
}

impl Dangerous {
    /// Its name.
    pub fn name(&self, lang: Lang) -> &str {
        in_lang(&self.names, lang)
    }
}

fn in_lang(texts: &[String; 2], lang: Lang) -> &str {
    let [vi, en] = texts;
    match lang {
        Lang::Vi => vi,
        Lang::En => en,
    }
}

/// The whole table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    roles: BTreeMap<String, Role>,
    order: Vec<String>,
    dangerous: BTreeMap<String, Dangerous>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    role: Vec<RoleRow>,
    dangerous: Vec<DangerousRow>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleRow {
    code: String,
    vi: String,
    en: String,
    what_vi: String,
    what_en: String,
    reach: String,
    #[serde(default)]
    codes_only: bool,
    #[serde(default)]
    gives: BTreeSet<String>,
    rights: Vec<RightsRow>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RightsRow {
    verbs: Vec<String>,
    kinds: Vec<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DangerousRow {
    act: String,
    verb: String,
    kind: String,
    days: i64,
    vi: String,
    en: String,
}

fn verb(word: &str) -> Result<Verb, String> {
    Verb::parse(word).ok_or_else(|| format!("{word} is no verb"))
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::parse(word).ok_or_else(|| format!("{word} is no kind"))
}

impl Table {
    /// Reads the table; any word outside the closed lists refuses the whole of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut table = Self::default();
        for row in file.role {
            let mut rights = BTreeSet::new();
            for group in &row.rights {
                for one in &group.verbs {
                    for other in &group.kinds {
                        rights.insert((verb(one)?, kind(other)?));
                    }
                }
            }
            let reach = Reach::parse(&row.reach)
                .ok_or_else(|| format!("{}: {} is no reach", row.code, row.reach))?;
            if reach != Reach::Post && rights.iter().any(|(_, kind)| *kind == Kind::Paper) {
                return Err(format!(
                    "{}: papers are business, not administration",
                    row.code
                ));
            }
            let role = Role {
                code: row.code.clone(),
                reach,
                rights,
                codes_only: row.codes_only,
                gives: row.gives,
                names: [row.vi, row.en],
                whats: [row.what_vi, row.what_en],
            };
            table.order.push(row.code.clone());
            if table.roles.insert(row.code.clone(), role).is_some() {
                return Err(format!("{} stands twice", row.code));
            }
        }
        for row in file.dangerous {
            let act = Dangerous {
                need: (verb(&row.verb)?, kind(&row.kind)?),
                act: row.act.clone(),
                days: row.days,
                names: [row.vi, row.en],
            };
            if act.days < 1 || table.dangerous.insert(row.act.clone(), act).is_some() {
                return Err(format!("{}: stands twice, or without days", row.act));
            }
        }
        let unknown = |role: &Role| {
            role.gives
                .iter()
                .any(|code| !table.roles.contains_key(code))
        };
        if let Some(role) = table.roles().find(|role| unknown(role)) {
            return Err(format!("{} gives a role that is not there", role.code));
        }
        Ok(table)
    }

    /// The table of this program.
    pub fn ours() -> &'static Self {
        static TABLE: LazyLock<Table> = LazyLock::new(|| match Table::parse(TEXT) {
            Ok(table) => table,
            Err(error) => {
                tracing::error!(%error, "the table of roles cannot be read: nobody has rights of administration");
                Table::default()
            }
        });
        &TABLE
    }

    /// A role by its code.
    pub fn role(&self, code: &str) -> Option<&Role> {
        self.roles.get(code)
    }

    /// Roles in the order of the table.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.order.iter().filter_map(|code| self.roles.get(code))
    }

    /// Roles that can be granted: all but the one that comes with a post and the one that comes with codes.
    pub fn grantable(&self) -> impl Iterator<Item = &Role> {
        self.roles()
            .filter(|role| role.reach != Reach::Post && !role.codes_only)
    }

    /// What holding a post gives.
    pub fn by_post(&self) -> impl Iterator<Item = &Role> {
        self.roles().filter(|role| role.reach == Reach::Post)
    }

    /// A dangerous act by its code.
    pub fn dangerous(&self, act: &str) -> Option<&Dangerous> {
        self.dangerous.get(act)
    }

    /// Every dangerous act.
    pub fn acts(&self) -> impl Iterator<Item = &Dangerous> {
        self.dangerous.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::proposal::Act;

    #[test]
    fn the_table_reads_and_no_role_of_administration_reaches_papers() {
        let table = Table::parse(TEXT).unwrap();
        assert_eq!(&table, Table::ours());
        assert!(table.grantable().count() >= 4);
        for role in table.grantable() {
            assert!(
                !role.rights.iter().any(|(_, kind)| *kind == Kind::Paper),
                "{}",
                role.code
            );
        }
        assert!(
            table
                .by_post()
                .any(|role| role.allows((Verb::See, Kind::Paper)))
        );
        let province = table.role(PROVINCE).unwrap();
        for role in table.grantable().filter(|r| r.reach == Reach::Agency) {
            assert!(
                role.rights.is_subset(&province.rights),
                "the province could not grant {}",
                role.code
            );
        }
        assert!(table.role(AGENCY).is_some());
        let emergency = table.role(EMERGENCY).unwrap();
        assert!(emergency.codes_only && emergency.gives.contains(PROVINCE));
        assert!(emergency.rights.iter().all(|(verb, _)| matches!(
            verb,
            Verb::See | Verb::Grant | Verb::Propose | Verb::Invite
        )));
        for role in table.roles().filter(|role| role.code != EMERGENCY) {
            assert!(
                role.gives.is_empty(),
                "{} gives above its rights",
                role.code
            );
        }
    }

    #[test]
    fn dangerous_acts_of_the_table_are_those_the_program_can_do() {
        let table = Table::ours();
        let codes: BTreeSet<&str> = table.acts().map(|act| act.act.as_str()).collect();
        assert_eq!(codes, Act::CODES.iter().copied().collect());
    }

    #[test]
    fn words_outside_the_lists_and_papers_in_a_role_refuse_the_table() {
        let role = |reach: &str, verb: &str, kind: &str| {
            format!(
                "dangerous = []\n[[role]]\ncode=\"a\"\nvi=\"\"\nen=\"\"\nwhat_vi=\"\"\nwhat_en=\"\"\nreach=\"{reach}\"\nrights=[{{verbs=[\"{verb}\"],kinds=[\"{kind}\"]}}]\n"
            )
        };
        assert!(Table::parse(&role("agency", "see", "person")).is_ok());
        for wrong in [
            role("agency", "see", "paper"),
            role("agency", "look", "person"),
            role("agency", "see", "thing"),
            role("world", "see", "person"),
        ] {
            assert!(Table::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
