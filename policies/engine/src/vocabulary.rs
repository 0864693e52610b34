//! The closed words of an answer: actions, capacities, reason codes.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$inner])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is written on the wire and in stored decisions.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word back; anything else is `None`.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

words! {
    /// What somebody wants to do with a paper.
    Action {
        /// Sign it as a competent person.
        Sign = "sign",
        /// Put the organisation's seal on it.
        Seal = "seal",
        /// Sign a copy of it.
        Copy = "copy",
        /// Give it its number and date.
        Number = "number",
    }
}

words! {
    /// In what right an act is done; it decides the signature block.
    Capacity {
        /// Head of a body run by one head, or a head of a collective acting on his own authority (ký trực tiếp).
        Own = "TRUC_TIEP",
        /// For the collective (TM.).
        Tm = "TM",
        /// Acting head (Q.).
        Q = "Q",
        /// Acting head for the collective (TM. / Q.).
        TmQ = "TM_Q",
        /// Deputy for the head (KT.).
        Kt = "KT",
        /// Deputy for the head of a collective (TM. / KT.).
        TmKt = "TM_KT",
        /// By order of the head, as head of a unit (TL.).
        Tl = "TL",
        /// Deputy for the head of a unit who signs by order (TL. / KT.).
        TlKt = "TL_KT",
        /// By delegation of the head, on the delegating agency's form (TUQ.).
        Tuq = "TUQ",
        /// Task delegated between bodies, on the own form and with the own seal (ủy quyền).
        Uq = "UQ",
        /// Keeper of the organisation's seal (đóng dấu).
        Seal = "DONG_DAU",
        /// Signer of copies (sao y, sao lục, trích sao).
        Copy = "SAO_Y",
        /// Giver of numbers and dates (cấp số).
        Number = "CAP_SO",
    }
}

words! {
    /// In which manner authority is handed on.
    Form {
        /// One paper handed over by the head to a deputy, who signs for him (giao ký thay).
        Kt = "KT",
        /// Kinds of paper that the working rules let a unit's head sign by order (thừa lệnh).
        Tl = "TL",
        /// Given by a unit's head, inside his own order, to his deputy.
        TlKt = "TL_KT",
        /// Signing delegated by the head in a special case (thừa ủy quyền).
        Tuq = "TUQ",
        /// A task delegated from body to body or to its head (ủy quyền).
        Uq = "UQ",
    }
}

words! {
    /// Why the answer is what it is.
    Code {
        /// It is allowed.
        Allowed = "allowed",
        /// A deputy to whom neither this field nor this paper was given.
        OutsideAssignment = "outside_assignment",
        /// What was delegated to the post does not reach this paper.
        OutsideMandate = "outside_mandate",
        /// What it rests on is suspended now.
        Suspended = "suspended",
        /// The post has no power for this act on this paper.
        NoPower = "no_power",
        /// The person does not hold the post.
        NotInPost = "not_in_post",
        /// What it rested on has ended.
        Expired = "expired",
        /// What it would rest on has not begun.
        NotYet = "not_yet",
        /// The claimed capacity is not one the person has here; `usable` lists those he has.
        CapacityMismatch = "capacity_mismatch",
        /// An act of signing must state its capacity; `usable` lists the possible ones.
        CapacityRequired = "capacity_required",
        /// This kind of paper cannot be signed on this basis.
        KindNotListed = "kind_not_listed",
        /// No competent person has signed yet.
        Unsigned = "unsigned",
        /// Authority changed since the decision was made.
        Stale = "stale",
        /// The clock cannot be trusted now.
        Clock = "clock",
        /// Two acts that must be done by different people.
        SeparationOfDuty = "separation_of_duty",
        /// A fact the answer needs is broken.
        Error = "error",
        /// The sign-in is not strong enough.
        Assurance = "assurance",
    }
}
