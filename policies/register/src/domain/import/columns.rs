//! The columns of the four files, with the other names under which a column may come.

use super::table::Columns;

pub(super) const AGENCIES: Columns = Columns {
    required: &[
        ("code", &[]),
        ("parent_code", &[]),
        ("level", &[]),
        ("name_vi", &[]),
        ("kind", &[]),
        ("short_name", &[]),
        ("mail_domain", &[]),
        ("valid_from", &[]),
    ],
    optional: &[
        "mail_domain_test",
        "id_qcvn102",
        "gso_code",
        "counted",
        "valid_to",
        "status",
        "notes",
    ],
};
pub(super) const UNITS: Columns = Columns {
    required: &[
        ("agency_kind", &[]),
        ("unit_no", &[]),
        ("name_vi", &[]),
        ("own_seal", &[]),
    ],
    optional: &[],
};
pub(super) const POSTS: Columns = Columns {
    required: &[
        ("post_code", &[]),
        ("title_vi", &[]),
        ("agency_kinds", &[]),
        ("scope", &[]),
        ("rank", &[]),
        ("is_head", &[]),
        ("deputy_of", &[]),
        ("capacities", &[]),
    ],
    optional: &["signature_block_or_note"],
};
pub(super) const OFFICIALS: Columns = Columns {
    required: &[
        ("staff_no", &[]),
        ("full_name", &[]),
        ("surname", &[]),
        ("given", &[]),
        ("dob", &[]),
        ("cccd", &["cccd_test"]),
        ("agency_code", &[]),
        ("unit_no", &[]),
        ("unit_name", &[]),
        ("post_code", &[]),
        ("post_title", &[]),
        ("field", &[]),
        ("start_date", &[]),
        ("username", &[]),
        ("email", &["email_test"]),
        ("phone", &["phone_test"]),
    ],
    // An ethnic group may stand in the file; the register has no use for it and does not keep it.
    optional: &["middle", "gender", "group"],
};
