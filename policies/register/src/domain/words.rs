//! The closed word lists of the register's columns: one enum each, written and read as the same word.

/// Declares an enum that is stored as a word; a word outside the list is an error, never a default.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $( $(#[$each:meta])* $variant:ident = $word:literal ),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $( $(#[$each])* #[serde(rename = $word)] $variant ),+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the column.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value of a word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl<DB: sqlx::Database> sqlx::Type<DB> for $name where str: sqlx::Type<DB> {
            fn type_info() -> DB::TypeInfo { <str as sqlx::Type<DB>>::type_info() }
            fn compatible(ty: &DB::TypeInfo) -> bool { <str as sqlx::Type<DB>>::compatible(ty) }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name where &'r str: sqlx::Decode<'r, DB> {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let word = <&str as sqlx::Decode<'r, DB>>::decode(value)?;
                Self::parse(word).ok_or_else(|| format!(concat!("not a word of ", stringify!($name), ": {}"), word).into())
            }
        }
    };
}

words! {
    /// How a post stands in its agency.
    Standing {
        /// Head of the agency.
        AgencyHead = "agency_head",
        /// Deputy of the agency's head.
        AgencyDeputy = "agency_deputy",
        /// Head of a unit inside.
        UnitHead = "unit_head",
        /// Deputy of a unit's head.
        UnitDeputy = "unit_deputy",
        /// Everybody else.
        Staff = "staff",
    }
}

impl Standing {
    /// Heads and deputies have one seat a post; other posts have as many seats as the work needs.
    pub const fn single_seat(self) -> bool {
        !matches!(self, Self::Staff)
    }
}

words! {
    /// In which way a person holds a post.
    AppointmentKind {
        /// Appointed or elected.
        Full = "full",
        /// Acting, *quyền* (Q.).
        Acting = "acting",
        /// Put in charge, *phụ trách*: signs on as a deputy.
        InCharge = "in_charge",
        /// Beside another post, *kiêm nhiệm*.
        Concurrent = "concurrent",
    }
}

words! {
    /// What an assignment (*phân công*) gives.
    AssignmentKind {
        /// A field of work given by the head to a deputy: base of KT.
        Field = "field",
        /// Custody of an agency's seal given to a văn thư (Decree 30/2020 Art. 32).
        SealCustody = "seal_custody",
    }
}

words! {
    /// What succeeded what.
    SuccessionKind {
        /// Between agencies.
        Agency = "agency",
        /// Between units.
        Unit = "unit",
        /// Between posts.
        Post = "post",
    }
}

words! {
    /// What a right lets one do.
    Verb {
        /// Look at it.
        See = "see",
        /// Record facts about it.
        Record = "record",
        /// Give and withdraw it.
        Grant = "grant",
        /// Propose a dangerous act.
        Propose = "propose",
        /// Approve or reject what another proposed.
        Approve = "approve",
        /// Erase what names a person.
        Erase = "erase",
        /// Revoke it.
        Revoke = "revoke",
        /// Hand it to its person for the first time.
        Invite = "invite",
    }
}

words! {
    /// What a right is about.
    Kind {
        /// Agencies.
        Agency = "agency",
        /// Units inside them.
        Unit = "unit",
        /// Posts.
        Post = "post",
        /// People.
        Person = "person",
        /// Appointments.
        Appointment = "appointment",
        /// Assignments.
        Assignment = "assignment",
        /// Roles of administration.
        Role = "role",
        /// Dangerous acts that wait for a second pair of eyes.
        Proposal = "proposal",
        /// The history of changes.
        Audit = "audit",
        /// The data-quality board.
        Quality = "quality",
        /// Imports of lists.
        Import = "import",
        /// Sources of lists.
        Feed = "feed",
        /// Plans of reorganisation.
        Plan = "plan",
        /// Certificates.
        Certificate = "certificate",
        /// Bindings of passkeys to signing keys.
        Passkey = "passkey",
        /// Accounts: the sign-in side of people.
        Account = "account",
        /// The mail queue.
        MailQueue = "mail_queue",
        /// Papers: business, not administration.
        Paper = "paper",
    }
}

words! {
    /// How far a role reaches.
    Reach {
        /// The agency of a post, by holding the post.
        Post = "post",
        /// The agency of the grant and what is below it.
        Agency = "agency",
        /// The whole province.
        Province = "province",
    }
}

words! {
    /// Where a proposal stands.
    ProposalState {
        /// Waits for a second person.
        Proposed = "proposed",
        /// A second person approved it.
        Approved = "approved",
        /// A second person rejected it.
        Rejected = "rejected",
        /// The proposer, or whoever may approve, took it back.
        Withdrawn = "withdrawn",
        /// It was done.
        CarriedOut = "carried_out",
    }
}

words! {
    /// Where a change-set stands.
    ChangeSetState {
        /// Rows are being laid, nobody sees them.
        Staging = "staging",
        /// Its facts are true.
        Published = "published",
        /// Given up; its rows are being removed or gone.
        Cancelled = "cancelled",
    }
}

words! {
    /// What a change-set is made of.
    ChangeSetKind {
        /// Files of an import.
        Import = "import",
        /// A plan of reorganisation.
        Plan = "plan",
    }
}

words! {
    /// Where a plan of reorganisation stands.
    PlanState {
        /// It can be looked at, decided and given up.
        Draft = "draft",
        /// Its facts stand in the register.
        Published = "published",
        /// Given up before it was published.
        Cancelled = "cancelled",
    }
}

words! {
    /// What a row of a plan does to a body.
    Action {
        /// A body begins.
        New = "new",
        /// Another name, kind or code; the body is the same.
        Rename = "rename",
        /// Another body above; the body is the same.
        Move = "move",
        /// The same body goes on under another code, name and parent.
        Continue = "continue",
        /// It ends and one other takes all of it.
        Merge = "merge",
        /// It ends and several take parts of it.
        Split = "split",
        /// It ends and nobody takes it over.
        End = "end",
        /// It ends; who takes it over is for a person to say.
        Ask = "ask",
        /// Functions go over; neither body ends.
        TakeOver = "take_over",
        /// Not an act: the answer to a question of the plan.
        Choose = "choose",
    }
}

words! {
    /// How a body that ends (or goes on otherwise) stands to its successors.
    Relation {
        /// One successor takes all.
        Merge = "merge",
        /// Several take parts.
        Split = "split",
        /// No successor.
        End = "end",
        /// The body itself goes on.
        Continue = "continue",
    }
}

words! {
    /// Kinds of things a plan can touch.
    Item {
        /// A body.
        Agency = "agency",
        /// A unit inside.
        Unit = "unit",
        /// A post.
        Post = "post",
        /// A person in a post.
        Appointment = "appointment",
        /// A time in which an appointment is not in force.
        Suspension = "suspension",
        /// A field of work or the custody of a seal.
        Assignment = "assignment",
        /// A seal.
        Seal = "seal",
        /// An address.
        Mailbox = "mailbox",
        /// A role of administration.
        Role = "role",
    }
}

words! {
    /// What becomes of a thing.
    Fate {
        /// It begins at the instant.
        Begins = "begins",
        /// It is the same thing with something changed.
        Changes = "changes",
        /// It ends, and its like at the successor begins.
        Moves = "moves",
        /// It stays as it is although its body ends.
        Keeps = "keeps",
        /// It ends, and what comes to it goes to another for a time.
        Forwards = "forwards",
        /// It ends.
        Lapses = "lapses",
        /// Nobody has said yet.
        Undecided = "undecided",
    }
}

words! {
    /// What a rule of carrying over says.
    Effect {
        /// It goes to the successor.
        Follow = "follow",
        /// It ends.
        Lapse = "lapse",
        /// It stays.
        Keep = "keep",
        /// It ends and forwards for some months.
        Forward = "forward",
        /// It ends and a new one of the same kind begins.
        Renew = "renew",
    }
}

/// Whether agencies of this kind work as a collective (People's Committees), so that the head signs TM.
pub fn is_collective(agency_kind: &str) -> bool {
    agency_kind.starts_with("ubnd_")
}
