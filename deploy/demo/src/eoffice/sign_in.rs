//! Sign-in of the e-office: an ordinary OpenID Connect relying party, built with the crate `openidconnect` alone.
//! Standard: OpenID Connect Core 1.0 §3.1; RFC 7636 §4; OpenID Connect RP-Initiated Logout 1.0 §2
//! It must never trust a claim whose ID token it has not verified.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreGenderClaim};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl,
    LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse,
    UserInfoClaims,
};
use serde::{Deserialize, Serialize};

/// What the e-office knows about the province's identity provider.
#[derive(Clone)]
pub struct Provider {
    metadata: ProviderMetadataWithLogout,
    http: openidconnect::reqwest::Client,
    client_id: String,
    client_secret: String,
    redirect_uri: String,
}

/// A sign-in on its way: kept on the server until the person comes back.
pub struct Pending {
    /// Compared with the `state` of the answer.
    pub state: String,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// Who is signed in, in which post.
#[derive(Debug, Clone)]
pub struct User {
    /// `sub` of the ID token.
    pub subject: String,
    /// Full name.
    pub name: String,
    /// The post chosen for this application.
    pub post: PostClaims,
    /// Bearer token for the province's papers interface.
    pub access_token: String,
    /// Kept for RP-initiated logout.
    pub id_token: String,
}

/// Claims of the province about the post a person acts in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PostClaims {
    /// Opaque id of the post.
    #[serde(default)]
    pub post: String,
    /// Title of the post.
    #[serde(default)]
    pub post_title: String,
    /// Opaque id of the agency.
    #[serde(default)]
    pub agency: String,
    /// Name of the agency.
    #[serde(default)]
    pub agency_name: String,
}
impl AdditionalClaims for PostClaims {}

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Discovery, token or userinfo request failed, or a token did not verify.
    #[error("{0}")]
    Provider(String),
    /// The answer belongs to no sign-in of this browser.
    #[error("unknown or foreign state")]
    State,
}

fn failed(what: &str) -> impl Fn(String) -> SignInError + '_ {
    move |e| SignInError::Provider(format!("{what}: {e}"))
}

impl Provider {
    /// Reads the discovery document.
    pub async fn discover(
        issuer: &str,
        client_id: &str,
        client_secret: &str,
        redirect_uri: &str,
    ) -> Result<Self, SignInError> {
        let http = openidconnect::reqwest::ClientBuilder::new()
            .redirect(openidconnect::reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| SignInError::Provider(e.to_string()))?;
        let issuer =
            IssuerUrl::new(issuer.to_owned()).map_err(|e| SignInError::Provider(e.to_string()))?;
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http)
            .await
            .map_err(|e| failed("discovery")(format!("{e:?}")))?;
        Ok(Self {
            metadata,
            http,
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
        })
    }

    /// Starts a sign-in: where to send the person, and what to keep.
    pub fn begin(&self) -> Result<(String, Pending), SignInError> {
        let client = CoreClient::from_provider_metadata(
            self.metadata.clone(),
            ClientId::new(self.client_id.clone()),
            Some(ClientSecret::new(self.client_secret.clone())),
        )
        .set_redirect_uri(self.redirect()?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".into()))
            .add_scope(Scope::new("papers".into()))
            .set_pkce_challenge(challenge)
            .url();
        let pending = Pending {
            state: state.secret().clone(),
            nonce,
            verifier,
        };
        Ok((url.to_string(), pending))
    }

    /// Exchanges the code, verifies the ID token, and asks who this is.
    pub async fn finish(&self, code: &str, pending: Pending) -> Result<User, SignInError> {
        let client = CoreClient::from_provider_metadata(
            self.metadata.clone(),
            ClientId::new(self.client_id.clone()),
            Some(ClientSecret::new(self.client_secret.clone())),
        )
        .set_redirect_uri(self.redirect()?);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|e| failed("token endpoint")(e.to_string()))?
            .set_pkce_verifier(pending.verifier)
            .request_async(&self.http)
            .await
            .map_err(|e| failed("token request")(format!("{e:?}")))?;
        let id_token = tokens
            .id_token()
            .ok_or_else(|| SignInError::Provider("no id_token".into()))?;
        let verified = id_token
            .claims(&client.id_token_verifier(), &pending.nonce)
            .map_err(|e| failed("ID token")(e.to_string()))?;
        let access_token: AccessToken = tokens.access_token().clone();
        let about: UserInfoClaims<PostClaims, CoreGenderClaim> = client
            .user_info(access_token.clone(), Some(verified.subject().clone()))
            .map_err(|e| failed("userinfo endpoint")(e.to_string()))?
            .request_async(&self.http)
            .await
            .map_err(|e| failed("userinfo")(format!("{e:?}")))?;
        let name = about
            .name()
            .and_then(|n| n.get(None))
            .map(|n| n.as_str().to_owned())
            .unwrap_or_default();
        Ok(User {
            subject: verified.subject().to_string(),
            name,
            post: about.additional_claims().clone(),
            access_token: access_token.secret().clone(),
            id_token: id_token.to_string(),
        })
    }

    /// Where the person goes to end the session with the province too (RP-Initiated Logout §2); `back` if the province offers no such endpoint.
    pub fn logout_address(&self, user: &User, back: &str) -> String {
        let endpoint = self
            .metadata
            .additional_metadata()
            .end_session_endpoint
            .clone();
        let (Some(endpoint), Ok(back_url)) =
            (endpoint, PostLogoutRedirectUrl::new(back.to_owned()))
        else {
            return back.to_owned();
        };
        let request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(self.client_id.clone()))
            .set_post_logout_redirect_uri(back_url);
        let mut address = request.http_get_url();
        address
            .query_pairs_mut()
            .append_pair("id_token_hint", &user.id_token);
        address.to_string()
    }

    fn redirect(&self) -> Result<RedirectUrl, SignInError> {
        RedirectUrl::new(self.redirect_uri.clone())
            .map_err(|e| SignInError::Provider(e.to_string()))
    }
}
