//! A dangerous act on its way: proposed, decided by another person, carried out once. States are words, transitions refuse what does not fit.

use super::words::ProposalState;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Give a role.
    GrantRole {
        /// `psn_…`
        person: String,
        /// Code of the role.
        role: String,
        /// Over which agency; `None` for the province.
        agency: Option<String>,
        /// First instant.
        from: i64,
        /// First instant after it.
        to: Option<i64>,
    },
    /// End a role.
    EndRole {
        /// `rol_…`
        grant: String,
        /// First instant after it.
        to: i64,
    },
    /// Erase what names a person.
    ErasePerson {
        /// `psn_…`
        person: String,
    },
    /// Publish a plan of reorganisation with the rows and answers it had when it was proposed.
    PublishPlan {
        /// `pln_…`
        plan: String,
        /// Digest of its rows and answers.
        digest: String,
    },
}

impl Act {
    /// Codes of every act, as in the table.
    pub const CODES: &'static [&'static str] =
        &["grant_role", "end_role", "erase_person", "publish_plan"];

    /// Its code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::GrantRole { .. } => "grant_role",
            Self::EndRole { .. } => "end_role",
            Self::ErasePerson { .. } => "erase_person",
            Self::PublishPlan { .. } => "publish_plan",
        }
    }
}

/// A proposal as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// `prp_…`
    pub id: String,
    /// What is to be done.
    pub act: Act,
    /// Where it stands.
    pub state: ProposalState,
    /// The agency concerned; `None` for the whole province.
    pub agency: Option<String>,
    /// Whom or what it is about: `psn_…`, `pln_…`.
    pub subject: String,
    /// Number and date of the decision behind it.
    pub basis: String,
    /// `psn_…`
    pub proposed_by: String,
    /// When.
    pub proposed_at: i64,
    /// First instant at which it can no longer be approved.
    pub expires_at: i64,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
    /// Why, in words of who decided.
    pub reason: Option<String>,
    /// What came out of it: the id made or changed.
    pub outcome: Option<String>,
}

/// What somebody says to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Do it.
    Approve,
    /// Do not.
    Reject,
    /// Taken back by who proposed it.
    Withdraw,
}

/// Why a verdict does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Decided, withdrawn or done before.
    #[error("the proposal was decided before")]
    Decided,
    /// Its time is over.
    #[error("the proposal has expired")]
    Expired,
    /// The proposer, or the person it is about, cannot be the second pair of eyes.
    #[error("another person has to decide")]
    OwnEyes,
    /// Only the proposer withdraws.
    #[error("only who proposed it can withdraw it")]
    NotTheProposer,
}

impl Proposal {
    /// Whether it waits for a verdict at this instant.
    pub fn is_open(&self, now: i64) -> bool {
        self.state == ProposalState::Proposed && now < self.expires_at
    }

    /// Whether its time went by without a verdict.
    pub fn is_expired(&self, now: i64) -> bool {
        self.state == ProposalState::Proposed && now >= self.expires_at
    }

    /// The state after a verdict of this person, or why it cannot be.
    pub fn after(&self, verdict: Verdict, person: &str, now: i64) -> Result<ProposalState, Misfit> {
        let proposer = self.proposed_by == person;
        match (self.state, verdict) {
            (ProposalState::Proposed | ProposalState::Approved, Verdict::Withdraw) if proposer => {
                return Ok(ProposalState::Withdrawn);
            }
            (ProposalState::Proposed, _) => {}
            _ => return Err(Misfit::Decided),
        }
        match verdict {
            Verdict::Withdraw => Err(Misfit::NotTheProposer),
            _ if self.is_expired(now) => Err(Misfit::Expired),
            _ if proposer || self.subject == person => Err(Misfit::OwnEyes),
            Verdict::Approve => Ok(ProposalState::Approved),
            Verdict::Reject => Ok(ProposalState::Rejected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal() -> Proposal {
        Proposal {
            id: "prp_1".into(),
            act: Act::ErasePerson {
                person: "psn_c".into(),
            },
            state: ProposalState::Proposed,
            agency: None,
            subject: "psn_c".into(),
            basis: "1".into(),
            proposed_by: "psn_a".into(),
            proposed_at: 0,
            expires_at: 10,
            decided_by: None,
            decided_at: None,
            reason: None,
            outcome: None,
        }
    }

    #[test]
    fn only_another_person_decides_only_the_proposer_withdraws_and_only_in_time() {
        let p = proposal();
        assert_eq!(
            p.after(Verdict::Approve, "psn_b", 9),
            Ok(ProposalState::Approved)
        );
        assert_eq!(
            p.after(Verdict::Reject, "psn_b", 9),
            Ok(ProposalState::Rejected)
        );
        for eyes in ["psn_a", "psn_c"] {
            assert_eq!(p.after(Verdict::Approve, eyes, 9), Err(Misfit::OwnEyes));
            assert_eq!(p.after(Verdict::Reject, eyes, 9), Err(Misfit::OwnEyes));
        }
        assert_eq!(p.after(Verdict::Approve, "psn_b", 10), Err(Misfit::Expired));
        assert_eq!(
            p.after(Verdict::Withdraw, "psn_a", 11),
            Ok(ProposalState::Withdrawn)
        );
        assert_eq!(
            p.after(Verdict::Withdraw, "psn_b", 9),
            Err(Misfit::NotTheProposer)
        );
        for state in ProposalState::ALL {
            if *state != ProposalState::Proposed {
                let decided = Proposal {
                    state: *state,
                    ..proposal()
                };
                for verdict in [Verdict::Approve, Verdict::Reject, Verdict::Withdraw] {
                    assert_eq!(
                        decided.after(verdict, "psn_b", 1),
                        Err(Misfit::Decided),
                        "{state:?}"
                    );
                }
                let taken_back = decided.after(Verdict::Withdraw, "psn_a", 1);
                assert_eq!(
                    taken_back.is_ok(),
                    *state == ProposalState::Approved,
                    "{state:?}"
                );
            }
        }
    }

    #[test]
    fn an_act_is_stored_and_read_back_as_it_was() {
        for act in [
            Act::GrantRole {
                person: "psn_a".into(),
                role: "agency".into(),
                agency: Some("agy_a".into()),
                from: 1,
                to: None,
            },
            Act::EndRole {
                grant: "rol_a".into(),
                to: 5,
            },
            proposal().act,
            Act::PublishPlan {
                plan: "pln_a".into(),
                digest: "00".into(),
            },
        ] {
            let text = serde_json::to_string(&act).unwrap();
            assert_eq!(serde_json::from_str::<Act>(&text).unwrap(), act);
            assert!(Act::CODES.contains(&act.code()) && text.contains(act.code()));
        }
    }
}
