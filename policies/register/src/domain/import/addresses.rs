//! Custody of seals and addresses of mail, planned beside people: who keeps an agency's seal also answers its post mailbox.
//! Standard: Decree 30/2020/NĐ-CP Art. 32 (the head gives the seal to the văn thư).
//! It must never let one address belong to two owners.

use std::collections::BTreeMap;

use super::fault::{Cause, File};
use super::plan::{Operation, Planner};
use super::rows::OfficialRow;
use super::seats::Seats;
use super::table::Faults;
use crate::domain::facts::{AgencyFact, AssignmentFact, Mailbox, MailboxOwner, PostFact};
use crate::domain::words::AssignmentKind;

/// The post of those who keep seals.
const CLERK: &str = "VT";
/// Where the seal of a body without a clerk of its own is kept: the office that serves it.
const OFFICE_KIND: &str = "van_phong_ubnd";
/// Local part of a post mailbox.
const CLERK_ADDRESS: &str = "vanthu";

impl Planner<'_> {
    /// The address of a person: kept, or replaced when the list says another.
    pub(super) fn own_mailbox(&mut self, row: &OfficialRow, person: &str, agency: &AgencyFact) {
        let owner = MailboxOwner::Person(person.to_string());
        let known = self.existing.mailboxes.iter().filter(|m| m.owner == owner);
        let known: Vec<Mailbox> = known.cloned().collect();
        if let Some(address) = &row.email
            && known
                .iter()
                .any(|m| m.address == *address && m.agency == agency.id)
        {
            return;
        }
        for mailbox in known {
            self.close("mailbox", &mailbox.record);
        }
        if let Some(address) = &row.email {
            self.mailbox(address.clone(), agency, owner, row.from);
        }
    }

    fn mailbox(&mut self, address: String, agency: &AgencyFact, owner: MailboxOwner, from: i64) {
        let mailbox = Mailbox {
            record: self.id("rcd"),
            id: self.id("mbx"),
            address,
            agency: agency.id.clone(),
            owner,
            from,
            to: None,
        };
        self.add(Operation::Mailbox(mailbox));
    }

    /// Each agency of the file gets a keeper of its seal and the post mailbox that goes with it.
    pub(super) fn seal_custody(&mut self, seats: &Seats, warnings: &mut Faults) {
        let (rows, existing) = (self.rows, self.existing);
        let clerks: BTreeMap<&str, &PostFact> = seats
            .posts
            .values()
            .flatten()
            .filter(|post| post.code == CLERK)
            .map(|post| (post.agency.as_str(), post))
            .collect();
        for row in &rows.agencies {
            let Some(agency) = self.agencies.get(&row.code).cloned() else {
                continue;
            };
            let office = self
                .agencies
                .values()
                .find(|a| a.kind == OFFICE_KIND && a.parent.as_deref() == Some(agency.id.as_str()));
            let own = clerks.get(agency.id.as_str());
            let Some(clerk) = own.or_else(|| clerks.get(office?.id.as_str())).copied() else {
                warnings.add(
                    File::Agencies,
                    row.line,
                    "code",
                    Cause::NoCustodian(row.code.clone()),
                );
                continue;
            };
            let kept = existing
                .facts
                .assignments
                .iter()
                .any(|a| a.kind == AssignmentKind::SealCustody && a.agency == agency.id);
            if !kept {
                self.keep_seal(&agency, clerk);
            }
            let address = format!("{CLERK_ADDRESS}@{}", agency.mail_domain);
            if !existing.mailboxes.iter().any(|m| m.address == address) {
                self.mailbox(
                    address,
                    &agency,
                    MailboxOwner::Post(clerk.id.clone()),
                    agency.from,
                );
            }
        }
    }

    fn keep_seal(&mut self, agency: &AgencyFact, clerk: &PostFact) {
        let assignment = AssignmentFact {
            record: self.id("rcd"),
            id: self.id("asg"),
            kind: AssignmentKind::SealCustody,
            post: clerk.id.clone(),
            agency: agency.id.clone(),
            field: None,
            basis: String::from(
                "Giao văn thư giữ con dấu theo Điều 32 Nghị định 30/2020/NĐ-CP, lập khi nhập danh sách",
            ),
            from: agency.from,
            to: None,
        };
        self.add(Operation::Assignment(assignment));
    }
}
