//! The one address of a From field, for whoever asks who a mail says it is from.
//! Standard: RFC 5322 §3.4, §3.6.2
//! It must never take a display name, a comment, a group or a list for the sender.

/// The one address in a From value: `Name <a@b>`, `"Name" <a@b>` or `a@b`, as it is written. `None` for anything that names
/// several addresses or none, and for a display name or comment that poses as an address.
pub fn one_address(value: &str) -> Option<String> {
    let mut outside = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in value.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if !quoted => outside.push(c),
            _ => {}
        }
    }
    if quoted || outside.contains(['(', ')', ',', ';']) || outside.matches('<').count() > 1 {
        return None;
    }
    let address = match outside.split_once('<') {
        Some((before, rest)) => {
            // `a@evil.test <b@good.test>` is how a display name poses as an address.
            let (inside, after) = rest.split_once('>')?;
            if !after.trim().is_empty() || before.contains('@') {
                return None;
            }
            inside.trim()
        }
        None => outside.trim(),
    };
    let (local, domain) = address.split_once('@')?;
    (!local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && address.is_ascii()
        && !address.contains(char::is_whitespace))
    .then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_or_a_comment_that_poses_as_the_sender_is_refused() {
        assert_eq!(
            one_address("\"chutich@binhdinh.test\" <x@evil.test>"),
            Some("x@evil.test".into())
        );
        for bad in [
            "chutich@binhdinh.test <x@evil.test>",
            "x@evil.test (chutich@binhdinh.test)",
            "a@b.test, c@d.test",
            "Nhom: a@b.test;",
            "<a@b.test> <c@d.test>",
            "<a@b.test> x",
            "a",
            "\"a@b.test",
        ] {
            assert_eq!(one_address(bad), None, "{bad}");
        }
    }
}
