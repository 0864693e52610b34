//! People, their appointments and fields of work, planned from the list of officials.

use std::collections::BTreeMap;

use super::fault::{Cause, File};
use super::plan::{Operation, Planner};
use super::rows::{Heads, OfficialRow, PostRow};
use super::seats::{SeatKey, Seats, listed};
use super::table::Faults;
use crate::domain::facts::{
    AgencyFact, AppointmentFact, AssignmentFact, PersonAttributes, PostFact,
};
use crate::domain::words::{AppointmentKind, AssignmentKind};
use platform::clock::format_date;

/// A row with everything it refers to.
struct Placed<'a> {
    row: &'a OfficialRow,
    definition: &'a PostRow,
    agency: AgencyFact,
    key: SeatKey,
    person: String,
    held: Vec<AppointmentFact>,
    post: Option<PostFact>,
    keeps: bool,
}

/// What the register knows of people, by the keys a list uses.
struct Known<'a> {
    posts: BTreeMap<&'a str, &'a PostFact>,
    by_staff_no: BTreeMap<&'a str, &'a PersonAttributes>,
    by_username: BTreeMap<&'a str, &'a PersonAttributes>,
    by_email: BTreeMap<&'a str, &'a PersonAttributes>,
    held: BTreeMap<&'a str, Vec<&'a AppointmentFact>>,
}

impl<'a> Planner<'a> {
    /// Plans everything about people.
    pub(super) fn officials(&mut self, faults: &mut Faults, warnings: &mut Faults) {
        let mut seats = Seats::default();
        for post in &self.existing.facts.posts {
            seats
                .posts
                .entry(SeatKey::of(post))
                .or_default()
                .push(post.clone());
        }
        self.correct_posts(&mut seats);
        let mut placed = self.place(faults, warnings);
        self.occupy(&mut seats, &placed);
        for heads in [true, false] {
            for official in &mut placed {
                if official.post.is_none() && (official.definition.heads == Heads::Yes) == heads {
                    self.take_seat(&mut seats, official, faults);
                }
            }
        }
        for official in &placed {
            self.appoint(official, faults);
            self.assign_field(official);
        }
        self.seal_custody(&seats, warnings);
    }

    fn known(&self) -> Known<'a> {
        let existing = self.existing;
        let mut held: BTreeMap<&str, Vec<&AppointmentFact>> = BTreeMap::new();
        for appointment in &existing.facts.appointments {
            held.entry(&appointment.person)
                .or_default()
                .push(appointment);
        }
        let people = &existing.people;
        Known {
            posts: existing
                .facts
                .posts
                .iter()
                .map(|p| (p.id.as_str(), p))
                .collect(),
            by_staff_no: people.iter().map(|p| (p.staff_no.as_str(), p)).collect(),
            by_username: people.iter().map(|p| (p.username.as_str(), p)).collect(),
            by_email: people
                .iter()
                .filter_map(|p| Some((p.email.as_deref()?, p)))
                .collect(),
            held,
        }
    }

    /// Finds agency, unit, kind of post and person of each row, and who simply stays where he is.
    fn place(&mut self, faults: &mut Faults, warnings: &mut Faults) -> Vec<Placed<'a>> {
        let rows = self.rows;
        let known = self.known();
        let mut placed = Vec::with_capacity(rows.officials.len());
        for row in &rows.officials {
            let Some((agency, unit, definition)) = self.references(row, faults, warnings) else {
                continue;
            };
            if !free(row, &known, faults) {
                continue;
            }
            let person = self.person(
                row,
                known.by_staff_no.get(row.staff_no.as_str()).copied(),
                &agency,
            );
            let key = self.seat_key(&agency, &unit, definition, row);
            let held: Vec<AppointmentFact> = known
                .held
                .get(person.as_str())
                .into_iter()
                .flatten()
                .map(|a| (*a).clone())
                .collect();
            let stays = held.iter().find_map(|appointment| {
                let post = known.posts.get(appointment.post.as_str())?;
                let same = appointment.kind == AppointmentKind::Full && SeatKey::of(post) == key;
                (same && (appointment.to.is_none() || appointment.from == row.from))
                    .then_some((appointment, *post))
            });
            if stays.is_some_and(|(appointment, _)| appointment.to.is_some()) {
                warnings.add(File::Officials, row.line, "start_date", Cause::AlreadyEnded);
            }
            let post = stays.map(|(_, post)| post.clone());
            placed.push(Placed {
                row,
                definition,
                agency,
                key,
                person,
                keeps: post.is_some(),
                post,
                held,
            });
        }
        placed
    }

    /// Agency, unit and kind of post of a row, with the names beside their codes checked.
    fn references(
        &self,
        row: &'a OfficialRow,
        faults: &mut Faults,
        warnings: &mut Faults,
    ) -> Option<(AgencyFact, String, &'a PostRow)> {
        let mut fault = |column: &str, cause| faults.add(File::Officials, row.line, column, cause);
        let rows = self.rows;
        let Some(agency) = self.agencies.get(&row.agency_code) else {
            fault("agency_code", Cause::UnknownAgency(row.agency_code.clone()));
            return None;
        };
        let Some(definition) = rows.posts.get(&row.post_code) else {
            fault("post_code", Cause::UnknownPost(row.post_code.clone()));
            return None;
        };
        if definition.heads == Heads::Way {
            fault("post_code", Cause::WayOfHolding(row.post_code.clone()));
            return None;
        }
        if definition.title != row.post_title {
            fault(
                "post_title",
                Cause::NameDiffers(row.post_title.clone(), definition.title.clone()),
            );
            return None;
        }
        let Some(unit) = self
            .units
            .get(&(agency.id.clone(), row.unit_number.clone()))
        else {
            fault("unit_no", Cause::UnknownUnit(row.unit_number.clone()));
            return None;
        };
        if unit.name != row.unit_name {
            fault(
                "unit_name",
                Cause::NameDiffers(row.unit_name.clone(), unit.name.clone()),
            );
            return None;
        }
        if !listed(definition, agency) {
            warnings.add(
                File::Officials,
                row.line,
                "post_code",
                Cause::OutsideTable(row.post_code.clone()),
            );
        }
        Some((agency.clone(), unit.id.clone(), definition))
    }

    /// The person of a row: found by staff number, never by name; differing attributes are written anew.
    fn person(
        &mut self,
        row: &OfficialRow,
        known: Option<&PersonAttributes>,
        agency: &AgencyFact,
    ) -> String {
        let person = match known {
            Some(known) => known.person.clone(),
            None => {
                let person = self.id("psn");
                self.add(Operation::Person(person.clone()));
                person
            }
        };
        let wanted = PersonAttributes {
            record: self.id("rcd"),
            person: person.clone(),
            staff_no: row.staff_no.clone(),
            full_name: row.full_name.clone(),
            surname: row.surname.clone(),
            given_name: row.given_name.clone(),
            gender: row.gender.clone(),
            birth_date: row.birth_date.clone(),
            username: row.username.clone(),
            email: row.email.clone(),
            phone: row.phone.clone(),
            personal_number: row
                .personal_number
                .as_ref()
                .map(|number| number.clone().into_bytes()),
            personal_number_index: row.personal_number.as_deref().map(self.blind),
        };
        let same = known.is_some_and(|known| {
            PersonAttributes {
                record: wanted.record.clone(),
                personal_number: wanted.personal_number.clone(),
                ..known.clone()
            } == wanted
        });
        if !same {
            if let Some(known) = known {
                self.close("person_attribute", &known.record);
            }
            self.add(Operation::Attributes(wanted));
        }
        self.own_mailbox(row, &person, agency);
        person
    }

    /// Who sits where after those of the list who move have left their posts.
    fn occupy(&self, seats: &mut Seats, placed: &[Placed<'a>]) {
        let listed: BTreeMap<&str, &Placed<'_>> =
            placed.iter().map(|p| (p.person.as_str(), p)).collect();
        for appointment in &self.existing.facts.appointments {
            let moves = listed
                .get(appointment.person.as_str())
                .is_some_and(|p| !p.keeps);
            let open = appointment.to.is_none();
            if open && !(moves && appointment.kind == AppointmentKind::Full) {
                seats.occupied.insert(appointment.post.clone());
            }
        }
        for official in placed {
            if let Some(post) = &official.post {
                seats.occupied.insert(post.id.clone());
            }
        }
    }

    /// Gives the row a post: the shared one of staff, a free seat, or a new seat beside taken ones of deputies.
    fn take_seat(&mut self, seats: &mut Seats, official: &mut Placed<'a>, faults: &mut Faults) {
        let single =
            official.definition.heads == Heads::Yes || official.definition.deputy_of.is_some();
        let known = seats.posts.get(&official.key);
        let free = known
            .and_then(|posts| {
                posts
                    .iter()
                    .find(|post| !single || !seats.occupied.contains(&post.id))
            })
            .cloned();
        let post = match free {
            Some(post) => post,
            None if official.definition.heads == Heads::Yes && known.is_some() => {
                let cause = Cause::SeatHeld(official.definition.title.clone());
                faults.add(File::Officials, official.row.line, "post_code", cause);
                return;
            }
            None => self.new_post(
                seats,
                &official.key,
                official.definition,
                &official.agency,
                official.row.from,
            ),
        };
        seats.occupied.insert(post.id.clone());
        official.post = Some(post);
    }

    /// Ends what the person held before and appoints to the seat.
    fn appoint(&mut self, official: &Placed<'a>, faults: &mut Faults) {
        let Some(post) = &official.post else { return };
        if official.keeps {
            return;
        }
        let from = official.row.from;
        let before: Vec<&AppointmentFact> = official
            .held
            .iter()
            .filter(|a| a.kind == AppointmentKind::Full && a.to.is_none())
            .collect();
        for appointment in before {
            if appointment.from >= from {
                let cause = Cause::NotAfter(format_date(appointment.from));
                faults.add(File::Officials, official.row.line, "start_date", cause);
                return;
            }
            self.close("appointment", &appointment.record);
            let ended = AppointmentFact {
                record: self.id("rcd"),
                to: Some(from),
                ..appointment.clone()
            };
            self.add(Operation::Appointment(ended));
        }
        let appointment = AppointmentFact {
            record: self.id("rcd"),
            id: self.id("apt"),
            person: official.person.clone(),
            post: post.id.clone(),
            kind: AppointmentKind::Full,
            basis: format!(
                "Danh sách cán bộ nhập vào sổ, số hiệu {}",
                official.row.staff_no
            ),
            from,
            to: None,
        };
        self.add(Operation::Appointment(appointment));
    }

    /// The field beside a deputy's name is an assignment by the head, base of KT.
    fn assign_field(&mut self, official: &Placed<'a>) {
        let (Some(post), Some(field)) = (&official.post, &official.key.field) else {
            return;
        };
        if official.definition.deputy_of.is_none() {
            return;
        }
        let stands = self.existing.facts.assignments.iter().any(|a| {
            a.kind == AssignmentKind::Field
                && a.post == post.id
                && a.field.as_deref() == Some(field.as_str())
        });
        if stands {
            return;
        }
        let assignment = AssignmentFact {
            record: self.id("rcd"),
            id: self.id("asg"),
            kind: AssignmentKind::Field,
            post: post.id.clone(),
            agency: official.agency.id.clone(),
            field: Some(field.clone()),
            basis: format!("Phân công lĩnh vực theo danh sách nhập vào sổ: {field}"),
            from: official.row.from,
            to: None,
        };
        self.add(Operation::Assignment(assignment));
    }
}

/// Usernames are never reused, and an address belongs to one person.
fn free(row: &OfficialRow, known: &Known<'_>, faults: &mut Faults) -> bool {
    let mut free = true;
    let username = known.by_username.get(row.username.as_str());
    let email = row
        .email
        .as_deref()
        .and_then(|email| known.by_email.get(email));
    let found = [
        ("username", username, Some(&row.username)),
        ("email", email, row.email.as_ref()),
    ];
    for (column, owner, value) in found {
        if let (Some(owner), Some(value)) = (owner, value)
            && owner.staff_no != row.staff_no
        {
            faults.add(
                File::Officials,
                row.line,
                column,
                Cause::TakenBy(value.clone(), owner.staff_no.clone()),
            );
            free = false;
        }
    }
    free
}
