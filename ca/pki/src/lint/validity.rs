//! Rules on validity.

use super::Findings;
use crate::asn1::{time, write};
use crate::certificate::Tbs;
use crate::issue::Issuer;
use crate::profile::Profile;

pub(super) fn judge(tbs: &Tbs, profile: &Profile, findings: &mut Findings) {
    findings.require(
        tbs.not_after > tbs.not_before,
        "validity_is_not_empty",
        "RFC 5280 §4.1.2.5",
        || "notAfter is not after notBefore".to_owned(),
    );
    findings.require(
        tbs.not_after + 1000 - tbs.not_before <= profile.longest_validity(),
        "validity_is_at_most_the_profiles",
        "RFC 5280 §4.1.2.5 (both ends included)",
        || {
            format!(
                "{} s, at most {} s",
                (tbs.not_after + 1000 - tbs.not_before) / 1000,
                profile.longest_validity() / 1000
            )
        },
    );
    let again = write::sequence(&[
        time::certificate_time(tbs.not_before),
        time::certificate_time(tbs.not_after),
    ]);
    findings.require(
        again == tbs.validity_raw,
        "times_are_utc_time_to_2049_and_generalized_time_after",
        "RFC 5280 §4.1.2.5",
        || "another time type than the year asks for".to_owned(),
    );
}

pub(super) fn within_issuer(tbs: &Tbs, issuer: &Issuer, findings: &mut Findings) {
    findings.require(
        issuer.not_after.is_none_or(|end| tbs.not_after <= end)
            && issuer
                .not_before
                .is_none_or(|begin| tbs.not_before >= begin),
        "does_not_outlive_its_issuer",
        "RFC 5280 §6.1.3 (a)(2)",
        || "validity leaves the issuer's".to_owned(),
    );
}
