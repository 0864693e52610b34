//! Authorization requests as they come, and answers as they go.
//! Standard: OpenID Connect Core 1.0 §3.1.2.1, §3.1.2.5, §3.1.2.6; RFC 9207 §2
//! It must never put anything into an address except properly encoded.

use crate::domain::authorization::Requested;
use crate::wire::parameters::Parameters;

/// The parameters that count.
pub fn requested(p: &Parameters) -> Requested {
    Requested {
        client_id: p.owned("client_id"),
        redirect_uri: p.owned("redirect_uri"),
        response_type: p.owned("response_type"),
        response_mode: p.owned("response_mode"),
        scope: p.owned("scope"),
        state: p.owned("state"),
        nonce: p.owned("nonce"),
        code_challenge: p.owned("code_challenge"),
        code_challenge_method: p.owned("code_challenge_method"),
        prompt: p.owned("prompt"),
        max_age: p.owned("max_age"),
        login_hint: p.owned("login_hint"),
        id_token_hint: p.owned("id_token_hint"),
        request: p.owned("request"),
        request_uri: p.owned("request_uri"),
        registration: p.owned("registration"),
    }
}

/// The address with parameters added to its query.
pub fn with_parameters(address: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let joint = if address.contains('?') { '&' } else { '?' };
    format!("{address}{joint}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_the_query_of_its_address_and_encodes_what_is_added() {
        let to = with_parameters(
            "https://a.example/cb?x=1",
            &[
                ("code", Some("c")),
                ("state", Some("a&b=c")),
                ("none", None),
            ],
        );
        assert_eq!(to, "https://a.example/cb?x=1&code=c&state=a%26b%3Dc");
        assert_eq!(
            with_parameters("https://a.example/cb", &[("iss", Some("http://h"))]),
            "https://a.example/cb?iss=http%3A%2F%2Fh"
        );
    }
}
