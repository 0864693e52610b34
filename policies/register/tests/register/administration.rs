//! Four eyes: who may propose and decide what, that an act is done once, and that the last administrator stays.

use platform::audit::Actor;
use platform::clock::DAY;
use platform::db::Db;
use platform::random::Entropy;
use register::domain::administration::{AGENCY, EMERGENCY, PROVINCE, Table};
use register::domain::proposal::{Act, Misfit, Verdict};
use register::domain::time::Interval;
use register::domain::words::{Kind, ProposalState, Reach, Verb};
use register::facts;
use register::flows::carry_out_proposal::CarryOutError;
use register::flows::decide_proposal::DecideProposalError;
use register::flows::propose_act::ProposeActError;
use register::flows::record_role::{self, RecordRole, RecordRoleError};
use register::flows::{carry_out_proposal, decide_proposal, propose_act};
use register::rights::{ScopeError, held_by, may, may_grant, scope_of};

use super::support::{ACTOR, NOW, province};

pub async fn person(db: &Db, staff_no: &str) -> String {
    let mut conn = db.read().await.unwrap();
    facts::person_by_staff_no(&mut conn, staff_no)
        .await
        .unwrap()
        .unwrap()
        .id
}

pub async fn agency(db: &Db, code: &str) -> String {
    let mut conn = db.read().await.unwrap();
    facts::agency_by_code(&mut conn, code, NOW)
        .await
        .unwrap()
        .unwrap()
        .id
}

/// Gives a role as the set-up does, past four eyes.
pub async fn give(
    db: &Db,
    person: &str,
    role: &str,
    agency: Option<&str>,
    to: Option<i64>,
) -> String {
    let role = RecordRole {
        person: person.into(),
        role: role.into(),
        agency: agency.map(str::to_owned),
        basis: "1/QĐ".into(),
        from: NOW - DAY,
        to,
    };
    record_role::run(db, &Entropy::system(), NOW, &ACTOR, &role)
        .await
        .unwrap()
}

fn by(person: &str) -> Actor {
    Actor::Person {
        person: person.into(),
        post: None,
    }
}

fn grant(person: &str, role: &str, agency: Option<&str>) -> Act {
    Act::GrantRole {
        person: person.into(),
        role: role.into(),
        agency: agency.map(str::to_owned),
        from: NOW,
        to: None,
    }
}

async fn propose(
    db: &Db,
    who: &str,
    act: &Act,
) -> Result<register::domain::proposal::Proposal, ProposeActError> {
    propose_act::run(
        db,
        &Entropy::system(),
        NOW,
        &by(who),
        act,
        "15/QĐ-UBND ngày 01/11/2026",
    )
    .await
}

async fn decide(
    db: &Db,
    who: &str,
    id: &str,
    verdict: Verdict,
    now: i64,
) -> Result<ProposalState, DecideProposalError> {
    decide_proposal::run(db, &Entropy::system(), now, &by(who), id, verdict, "lý do").await
}

async fn carry_out(db: &Db, who: &str, id: &str) -> Result<String, CarryOutError> {
    carry_out_proposal::run(db, &Entropy::system(), NOW, &by(who), id).await
}

platform::both_engines! {
    async fn one_administrator_can_only_invite_a_second_and_then_four_eyes_open(db: Db) {
        province(&db).await;
        let (first, second, third) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await, person(&db, "BD-000017").await);
        let office = agency(&db, "H08.01").await;
        give(&db, &first, PROVINCE, None, None).await;
        for early in [grant(&third, AGENCY, Some(&office)), Act::ErasePerson { person: third.clone() }, grant(&second, AGENCY, Some(&office))] {
            assert!(matches!(propose(&db, &first, &early).await, Err(ProposeActError::OnlyOneAdministrator)), "{early:?}");
        }
        let with_end = Act::GrantRole { person: second.clone(), role: PROVINCE.into(), agency: None, from: NOW, to: Some(NOW + DAY) };
        assert!(matches!(propose(&db, &first, &with_end).await, Err(ProposeActError::OnlyOneAdministrator)), "an end would leave one again");
        assert!(matches!(propose(&db, &first, &grant(&first, PROVINCE, None)).await, Err(ProposeActError::OwnRole)));
        let invited = propose(&db, &first, &grant(&second, PROVINCE, None)).await.unwrap();
        assert_eq!(invited.state, ProposalState::Approved);
        let role = carry_out(&db, &first, &invited.id).await.unwrap();
        assert_eq!(carry_out(&db, &first, &invited.id).await.unwrap(), role, "asked again, nothing is done again");
        assert_eq!(held_by(&mut db.read().await.unwrap(), &second, NOW).await.unwrap().len(), 1);

        let proposed = propose(&db, &first, &grant(&third, AGENCY, Some(&office))).await.unwrap();
        assert_eq!(proposed.state, ProposalState::Proposed);
        assert!(matches!(carry_out(&db, &first, &proposed.id).await, Err(CarryOutError::NotApproved)));
        assert!(matches!(decide(&db, &first, &proposed.id, Verdict::Approve, NOW).await, Err(DecideProposalError::Misfit(Misfit::OwnEyes))));
        assert!(matches!(decide(&db, &third, &proposed.id, Verdict::Approve, NOW).await, Err(DecideProposalError::Misfit(Misfit::OwnEyes))));
        assert!(matches!(decide(&db, &second, &proposed.id, Verdict::Approve, proposed.expires_at).await, Err(DecideProposalError::Misfit(Misfit::Expired))));
        assert_eq!(decide(&db, &second, &proposed.id, Verdict::Approve, NOW).await.unwrap(), ProposalState::Approved);
        assert!(matches!(decide(&db, &second, &proposed.id, Verdict::Reject, NOW).await, Err(DecideProposalError::Misfit(Misfit::Decided))));
        let both = tokio::join!(carry_out(&db, &second, &proposed.id), carry_out(&db, &first, &proposed.id));
        assert_eq!(both.0.unwrap(), both.1.unwrap(), "two hands at once do one act");
        assert_eq!(held_by(&mut db.read().await.unwrap(), &third, NOW).await.unwrap().len(), 1);
        assert!(matches!(decide(&db, &first, &proposed.id, Verdict::Withdraw, NOW).await, Err(DecideProposalError::Misfit(Misfit::Decided))));
    }

    async fn the_last_administrator_cannot_go_in_any_way(db: Db) {
        province(&db).await;
        let (first, second) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await);
        let own = give(&db, &first, PROVINCE, None, None).await;
        let ends = give(&db, &second, PROVINCE, None, Some(NOW + 30 * DAY)).await;
        let go = Act::EndRole { grant: own.clone(), to: NOW };
        assert!(matches!(propose(&db, &second, &go).await, Err(ProposeActError::LastAdministrator)), "the other one has an end");
        assert!(matches!(record_role::end(&db, &Entropy::system(), NOW, &ACTOR, &own, NOW).await, Err(RecordRoleError::LastAdministrator)));
        let lasting = give(&db, &second, PROVINCE, None, None).await;
        record_role::end(&db, &Entropy::system(), NOW, &ACTOR, &ends, NOW).await.unwrap();
        // Both ends are proposed and approved while two remain; carried out, the second is refused.
        let (one, two) = (propose(&db, &second, &go).await.unwrap(), propose(&db, &first, &Act::EndRole { grant: lasting, to: NOW }).await.unwrap());
        let third = person(&db, "BD-000017").await;
        let short = give(&db, &third, PROVINCE, None, Some(NOW + DAY)).await;
        decide(&db, &third, &one.id, Verdict::Approve, NOW).await.unwrap();
        decide(&db, &third, &two.id, Verdict::Approve, NOW).await.unwrap();
        let both = tokio::join!(carry_out(&db, &third, &one.id), carry_out(&db, &third, &two.id));
        let refused = [both.0, both.1].into_iter().filter(|r| matches!(r, Err(CarryOutError::Role(RecordRoleError::LastAdministrator)))).count();
        assert_eq!(refused, 1, "exactly one of the two ends");
        assert_ne!(short, own);
    }

    async fn nobody_mints_rights_outside_the_own_subtree_above_the_own_rights_or_beyond_the_own_end(db: Db) {
        province(&db).await;
        let (a, b) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await);
        give(&db, &a, PROVINCE, None, None).await;
        give(&db, &b, PROVINCE, None, None).await;
        let helper = person(&db, "BD-000017").await;
        let all = facts::snapshot(&mut db.read().await.unwrap(), None).await.unwrap();
        let city = agency(&db, "H08.31").await;
        let ward = all.agencies.iter().find(|x| x.parent.as_ref() == Some(&city)).unwrap().id.clone();
        let end = NOW + 10 * DAY;
        give(&db, &helper, AGENCY, Some(&city), Some(end)).await;
        let subject = person(&db, "BD-000003").await;
        let mut conn = db.read().await.unwrap();
        for role in Table::ours().grantable() {
            for place in all.agencies.iter().map(|x| Some(x.id.as_str())).chain([None]) {
                for to in [Some(end), Some(end + 1), None] {
                    let inside = place == Some(city.as_str()) || place == Some(ward.as_str());
                    let own = Table::ours().role(AGENCY).unwrap();
                    let expected = inside && to == Some(end) && role.reach == Reach::Agency && role.rights.is_subset(&own.rights);
                    let days = Interval { from: NOW, to };
                    assert_eq!(may_grant(&mut conn, &helper, role, place, days, NOW).await.unwrap(), expected && place.is_some(), "{} {place:?} {to:?}", role.code);
                }
            }
        }
        drop(conn);
        let inside = Act::GrantRole { person: subject.clone(), role: "personnel".into(), agency: Some(ward.clone()), from: NOW, to: Some(end) };
        let made = propose(&db, &helper, &inside).await.unwrap();
        let outside = Act::GrantRole { person: subject.clone(), role: "personnel".into(), agency: Some(agency(&db, "H08.01").await), from: NOW, to: Some(end) };
        assert!(matches!(propose(&db, &helper, &outside).await, Err(ProposeActError::NotEntitled)));
        assert!(matches!(propose(&db, &helper, &grant(&subject, PROVINCE, None)).await, Err(ProposeActError::NotEntitled)));
        let stranger = person(&db, "BD-000004").await;
        give(&db, &stranger, AGENCY, Some(&agency(&db, "H08.02").await), None).await;
        assert!(matches!(decide(&db, &stranger, &made.id, Verdict::Approve, NOW).await, Err(DecideProposalError::NotEntitled)), "another agency's eyes do not count");
        assert_eq!(decide(&db, &a, &made.id, Verdict::Reject, NOW).await.unwrap(), ProposalState::Rejected);
    }

    async fn an_emergency_gives_and_withdraws_the_administration_of_the_province_at_once_and_nothing_else(db: Db) {
        province(&db).await;
        let (lost, rogue) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await);
        let (officer, new) = (person(&db, "BD-000017").await, person(&db, "BD-000003").await);
        let office = agency(&db, "H08.01").await;
        give(&db, &lost, PROVINCE, None, None).await;
        let theirs = give(&db, &rogue, PROVINCE, None, None).await;
        assert!(matches!(propose(&db, &lost, &grant(&new, EMERGENCY, None)).await, Err(ProposeActError::Unknown("role"))), "no administrator gives it");
        give(&db, &officer, EMERGENCY, None, Some(NOW + 3_600_000)).await;

        let given = propose(&db, &officer, &grant(&new, PROVINCE, None)).await.unwrap();
        assert_eq!((given.state, given.reason.as_deref()), (ProposalState::Approved, Some("emergency")));
        carry_out(&db, &officer, &given.id).await.unwrap();
        assert_eq!(held_by(&mut db.read().await.unwrap(), &new, NOW).await.unwrap()[0].role.code, PROVINCE);
        let ended = propose(&db, &officer, &Act::EndRole { grant: theirs, to: NOW }).await.unwrap();
        carry_out(&db, &officer, &ended.id).await.unwrap();
        assert!(held_by(&mut db.read().await.unwrap(), &rogue, NOW).await.unwrap().is_empty());

        assert!(matches!(propose(&db, &officer, &grant(&officer, PROVINCE, None)).await, Err(ProposeActError::OwnRole)));
        for other in [grant(&rogue, AGENCY, Some(&office)), Act::ErasePerson { person: rogue.clone() }] {
            assert!(matches!(propose(&db, &officer, &other).await, Err(ProposeActError::NotEntitled)), "{other:?}");
        }
        let waiting = propose(&db, &lost, &grant(&rogue, AGENCY, Some(&office))).await.unwrap();
        assert!(matches!(decide(&db, &officer, &waiting.id, Verdict::Approve, NOW).await, Err(DecideProposalError::NotEntitled)));
        let mut conn = db.read().await.unwrap();
        assert!(held_by(&mut conn, &officer, NOW + 3_600_000).await.unwrap().is_empty());
        for need in [(Verb::Record, Kind::Person), (Verb::Record, Kind::Plan), (Verb::Revoke, Kind::Certificate), (Verb::See, Kind::Paper)] {
            assert!(!may(&mut conn, &officer, need, None, NOW).await.unwrap(), "{need:?}");
        }
    }

    async fn an_erasure_waits_for_the_second_pair_of_eyes_and_for_the_end_of_the_role(db: Db) {
        province(&db).await;
        let (a, b, gone) = (person(&db, "BD-000001").await, person(&db, "BD-000002").await, person(&db, "BD-000017").await);
        give(&db, &a, PROVINCE, None, None).await;
        give(&db, &b, PROVINCE, None, None).await;
        let role = give(&db, &gone, "inspector", Some(&agency(&db, "H08.01").await), None).await;
        let made = propose(&db, &a, &Act::ErasePerson { person: gone.clone() }).await.unwrap();
        decide(&db, &b, &made.id, Verdict::Approve, NOW).await.unwrap();
        assert!(matches!(carry_out(&db, &b, &made.id).await, Err(CarryOutError::Erase(_))), "still administers");
        assert!(!facts::person(&mut db.read().await.unwrap(), &gone).await.unwrap().unwrap().erased);
        record_role::end(&db, &Entropy::system(), NOW, &ACTOR, &role, NOW).await.unwrap();
        carry_out(&db, &b, &made.id).await.unwrap();
        assert!(facts::person(&mut db.read().await.unwrap(), &gone).await.unwrap().unwrap().erased);
        assert!(matches!(propose(&db, &a, &Act::ErasePerson { person: gone }).await, Err(ProposeActError::Unknown(_))));
    }

    async fn no_role_of_administration_sees_papers_and_a_role_ends_with_its_day(db: Db) {
        province(&db).await;
        let outsider = person(&db, "BD-000017").await;
        let office = agency(&db, "H08.01").await;
        for role in Table::ours().grantable() {
            let place = (role.reach == Reach::Agency).then_some(office.as_str());
            give(&db, &outsider, &role.code, place, Some(NOW + DAY)).await;
        }
        let mut conn = db.read().await.unwrap();
        let papers = (Verb::See, Kind::Paper);
        assert!(matches!(scope_of(&mut conn, &outsider, None, papers, NOW).await, Err(ScopeError::NoRight)));
        let post = facts::posts_of(&mut conn, &outsider, NOW).await.unwrap().remove(0);
        let own = scope_of(&mut conn, &outsider, Some(&post.post), papers, NOW).await.unwrap();
        assert_eq!(own.agencies(), post.agency, "papers come with the post alone");
        assert!(may(&mut conn, &outsider, (Verb::Record, Kind::Agency), None, NOW).await.unwrap());
        assert!(!may(&mut conn, &outsider, (Verb::Record, Kind::Agency), None, NOW + DAY).await.unwrap());
    }
}
