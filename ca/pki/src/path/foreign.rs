//! OpenSSL as second judge of a path: it also applies name constraints.
//! Standard: RFC 5280 §4.2.1.10, §6.1.4 (b) to (g)
//! It must never be asked with the machine's clock or the machine's anchors.

use super::PathProblem;
use crate::certificate::Certificate;
use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509StoreContext, X509VerifyResult};

/// Permitted or excluded subtree violated, or a constraint that cannot be processed (X509_V_ERR 47 to 53).
const NAME_CONSTRAINTS: std::ops::RangeInclusive<i32> = 47..=53;

/// Whether OpenSSL agrees with a chain from certificate to anchor. Times are judged by us: OpenSSL counts the last second as over.
pub(super) fn agrees(chain: &[&Certificate]) -> Result<(), PathProblem> {
    let result = judge(chain).map_err(|errors| PathProblem::SecondJudge(errors.to_string()))?;
    if result == X509VerifyResult::OK {
        Ok(())
    } else if NAME_CONSTRAINTS.contains(&result.as_raw()) {
        Err(PathProblem::NameConstraint)
    } else {
        Err(PathProblem::SecondJudge(result.error_string().to_owned()))
    }
}

fn judge(chain: &[&Certificate]) -> Result<X509VerifyResult, ErrorStack> {
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN | X509VerifyFlags::NO_CHECK_TIME)?;
    let mut store = X509StoreBuilder::new()?;
    store.set_param(&parameters)?;
    let mut between = Stack::new()?;
    let mut leaf = None;
    for (depth, certificate) in chain.iter().enumerate() {
        let certificate = X509::from_der(certificate.der())?;
        if depth + 1 == chain.len() {
            store.add_cert(certificate)?;
        } else if depth == 0 {
            leaf = Some(certificate);
        } else {
            between.push(certificate)?;
        }
    }
    let Some(leaf) = leaf else {
        return Ok(X509VerifyResult::APPLICATION_VERIFICATION);
    };
    let store = store.build();
    X509StoreContext::new()?.init(&store, &leaf, &between, |context| {
        context.verify_cert()?;
        Ok(context.error())
    })
}
