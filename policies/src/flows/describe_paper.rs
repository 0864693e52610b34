//! What a question says of a paper, against what the papers' desk holds of it: the desk's facts count, the caller's words fill what is missing.
//! Standard: none; OpenID AuthZEN Authorization API 1.0 §5.2 leaves properties to the decision point.
//! It must never let a word of the caller stand against a fact of the desk, nor use one without saying so.

use engine::{Resource, Signed};

use crate::desk::{DeskError, PaperDesk, PaperFacts};

/// What the question says of the paper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Option<String>,
    /// Its field of work.
    pub field: Option<String>,
    /// Whose paper it is.
    pub agency: Option<String>,
    /// Whose competence is exercised.
    pub competence: Option<String>,
    /// About whom it is.
    pub about: Option<String>,
    /// The amount it decides on, in đồng.
    pub amount: Option<i64>,
    /// Who signed it.
    pub signed_by: Option<String>,
}

/// What the desk holds of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDesk {
    /// The paper.
    pub facts: PaperFacts,
    /// Person and post of its competent signature.
    pub signer: Option<(String, String)>,
}

/// The paper as the decision takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The paper.
    pub resource: Resource,
    /// Members of the question that did not count.
    pub ignored: Vec<&'static str>,
    /// Members that were taken on the caller's word.
    pub asserted: Vec<&'static str>,
}

/// What the desk holds of a paper.
pub async fn run(desk: &dyn PaperDesk, id: &str) -> Result<Option<OnDesk>, DeskError> {
    let Some(facts) = desk.paper(id).await? else {
        return Ok(None);
    };
    let signer = match facts.signed {
        true => desk.signer(id).await?,
        false => None,
    };
    Ok(Some(OnDesk { facts, signer }))
}

const KIND: &str = "resource.properties.kind";
const FIELD: &str = "resource.properties.field";
const AGENCY: &str = "resource.properties.agency";
const COMPETENCE: &str = "resource.properties.competence";
const ABOUT: &str = "resource.properties.about";
const AMOUNT: &str = "resource.properties.amount";
const SIGNED_BY: &str = "context.signed_by";

impl Claims {
    /// The paper as the desk knows it; else as it is described, if that is enough. `home` is the agency of whoever asks.
    pub fn against(&self, known: Option<&OnDesk>, home: Option<&str>) -> Option<Described> {
        let mut ignored = Vec::new();
        let mut asserted = Vec::new();
        let given = [
            (KIND, self.kind.is_some()),
            (FIELD, self.field.is_some()),
            (AGENCY, self.agency.is_some()),
        ];
        let told = given
            .iter()
            .filter(|(_, given)| *given)
            .map(|(name, _)| *name);
        match known {
            Some(_) => ignored.extend(told),
            None => asserted.extend(told),
        }
        for (name, given) in [
            (COMPETENCE, self.competence.is_some()),
            (ABOUT, self.about.is_some()),
            (AMOUNT, self.amount.is_some()),
        ] {
            if given {
                asserted.push(name);
            }
        }
        let by_word = self.signed_by.as_ref().map(|person| Signed {
            person: person.clone(),
            post: String::new(),
        });
        let signed = match known {
            Some(paper) if !paper.facts.signed || paper.signer.is_some() => {
                let signer = paper.signer.as_ref();
                ignored.extend(by_word.is_some().then_some(SIGNED_BY));
                signer.map(|(person, post)| Signed {
                    person: person.clone(),
                    post: post.clone(),
                })
            }
            _ => {
                asserted.extend(by_word.is_some().then_some(SIGNED_BY));
                by_word
            }
        };
        let (kind, field, agency) = match known.map(|paper| &paper.facts) {
            Some(facts) => (
                facts.kind.clone(),
                facts.field.clone(),
                facts.agency.clone(),
            ),
            None => (
                self.kind.clone()?,
                self.field.clone(),
                self.agency.as_deref().or(home)?.to_owned(),
            ),
        };
        Some(Described {
            resource: Resource {
                id: self.id.clone(),
                kind,
                field,
                agency,
                competence: self.competence.clone(),
                about: self.about.clone(),
                amount: self.amount,
                signed,
            },
            ignored,
            asserted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            id: "pap_1".into(),
            kind: Some("quyet_dinh".into()),
            field: Some("Kinh tế".into()),
            agency: Some("agy_mine".into()),
            amount: Some(5),
            signed_by: Some("psn_b".into()),
            ..Claims::default()
        }
    }

    fn on_desk(signed: bool, signer: Option<&str>) -> OnDesk {
        OnDesk {
            facts: PaperFacts {
                id: "pap_1".into(),
                title: "Khen thưởng".into(),
                kind: "cong_van".into(),
                field: None,
                agency: "agy_theirs".into(),
                signed,
            },
            signer: signer.map(|person| (person.to_owned(), "pst_a".to_owned())),
        }
    }

    #[test]
    fn the_facts_of_the_desk_win_and_what_was_ignored_is_named() {
        let described = claims()
            .against(Some(&on_desk(false, None)), Some("agy_home"))
            .unwrap();
        assert_eq!(described.resource.kind, "cong_van");
        assert_eq!(described.resource.field, None);
        assert_eq!(described.resource.agency, "agy_theirs");
        assert_eq!(
            described.resource.signed, None,
            "nobody signed it, whatever the caller says"
        );
        assert_eq!(described.ignored, [KIND, FIELD, AGENCY, SIGNED_BY]);
        assert_eq!(described.asserted, [AMOUNT]);
        let signed = claims()
            .against(Some(&on_desk(true, Some("psn_a"))), None)
            .unwrap();
        assert_eq!(signed.resource.signed.unwrap().person, "psn_a");
        assert!(signed.ignored.contains(&SIGNED_BY));
        let by_whom = claims().against(Some(&on_desk(true, None)), None).unwrap();
        assert_eq!(by_whom.resource.signed.unwrap().person, "psn_b");
        assert!(by_whom.asserted.contains(&SIGNED_BY));
    }

    #[test]
    fn an_unknown_paper_is_taken_as_described_and_one_without_kind_is_no_paper() {
        let described = claims().against(None, None).unwrap();
        assert_eq!(described.resource.kind, "quyet_dinh");
        assert_eq!(described.asserted, [KIND, FIELD, AGENCY, AMOUNT, SIGNED_BY]);
        assert!(described.ignored.is_empty());
        let bare = Claims {
            kind: None,
            ..claims()
        };
        assert_eq!(bare.against(None, Some("agy_home")), None);
        let homeless = Claims {
            agency: None,
            ..claims()
        };
        assert_eq!(homeless.against(None, None), None);
        assert_eq!(
            homeless
                .against(None, Some("agy_home"))
                .unwrap()
                .resource
                .agency,
            "agy_home"
        );
    }
}
