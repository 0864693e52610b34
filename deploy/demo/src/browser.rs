//! A person's browser as the story needs it: cookies, redirects, forms and passkeys, spoken over real HTTP.
//! It reads only what a person could see or submit; it never looks into the program it visits.

use crate::authenticator::SoftwareAuthenticator;
use reqwest::header::LOCATION;
use url::Url;

/// What can go wrong while a person uses pages.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The server could not be reached or the answer broke off.
    #[error("request failed: {0}")]
    Http(#[from] reqwest::Error),
    /// A redirect or an action that is not a valid address.
    #[error("not an address: {0}")]
    Address(String),
    /// More than twelve redirects in a row.
    #[error("too many redirects, last at {0}")]
    Redirects(Url),
    /// The page lacks the form that was asked for.
    #[error("no form “{form}” on {url} (status {status}): {excerpt}")]
    NoForm {
        /// Id or description of the form.
        form: String,
        /// Page address.
        url: Url,
        /// HTTP status of the page.
        status: u16,
        /// The beginning of what the page says.
        excerpt: String,
    },
    /// The authenticator refused the options.
    #[error("authenticator: {0}")]
    Authenticator(String),
}

/// One loaded page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Address after all redirects.
    pub url: Url,
    /// HTTP status.
    pub status: u16,
    /// Text of the body (binary bodies are read with [`Browser::download`]).
    pub body: String,
}

/// A form as it stands on a page.
#[derive(Debug, Clone)]
pub struct Form {
    /// `id` attribute, empty if none.
    pub id: String,
    /// Absolute address it submits to.
    pub action: Url,
    /// Whether it is sent with POST.
    pub post: bool,
    /// Fields with the values they hold now.
    pub fields: Vec<(String, String)>,
    /// `get` or `create` with its options, when the form asks for a passkey.
    pub webauthn: Option<(String, serde_json::Value)>,
}

impl Form {
    /// The same form with one field set.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A browser with its own cookies.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    jar: std::sync::Arc<reqwest::cookie::Jar>,
}

impl Browser {
    /// A fresh browser without cookies.
    pub fn new() -> Result<Self, BrowserError> {
        let jar = std::sync::Arc::new(reqwest::cookie::Jar::default());
        let client = reqwest::Client::builder()
            .cookie_provider(jar.clone())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(30))
            .build()?;
        Ok(Self { client, jar })
    }

    /// The cookies this browser would send to an address.
    pub fn cookies(&self, address: &str) -> Vec<(String, String)> {
        use reqwest::cookie::CookieStore as _;
        let Ok(url) = Url::parse(address) else {
            return Vec::new();
        };
        let all = self.jar.cookies(&url);
        let text = all
            .as_ref()
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        text.split("; ")
            .filter_map(|pair| pair.split_once('='))
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    }

    /// Opens an address and follows redirects.
    pub async fn open(&self, address: &str) -> Result<Page, BrowserError> {
        let url = Url::parse(address).map_err(|_| BrowserError::Address(address.to_owned()))?;
        let request = self.client.get(url).header("accept", "text/html");
        self.follow(request).await
    }

    /// Submits a form and follows redirects.
    pub async fn submit(&self, form: &Form) -> Result<Page, BrowserError> {
        let request = if form.post {
            self.client
                .post(form.action.clone())
                .header("origin", form.action.origin().ascii_serialization())
                .form(&form.fields)
        } else {
            self.client.get(form.action.clone()).query(&form.fields)
        };
        self.follow(request.header("accept", "text/html")).await
    }

    /// Answers a passkey form with an authenticator and submits it.
    pub async fn submit_passkey(
        &self,
        form: &Form,
        authenticator: &mut SoftwareAuthenticator,
    ) -> Result<Page, BrowserError> {
        let (kind, options) = form
            .webauthn
            .clone()
            .ok_or_else(|| BrowserError::Authenticator("the form asks for no passkey".into()))?;
        let origin = form.action.origin().ascii_serialization();
        let credential = match kind.as_str() {
            "create" => authenticator.create(&origin, &options),
            _ => authenticator.assert(&origin, &options),
        }
        .map_err(|e| BrowserError::Authenticator(e.to_string()))?;
        self.submit(&form.clone().with("credential", &credential.to_string()))
            .await
    }

    /// Opens a page, puts a file into its form with this id, and submits it as multipart/form-data.
    pub async fn upload(
        &self,
        address: &str,
        form: &str,
        field: &str,
        name: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<Page, BrowserError> {
        let form = self.open(address).await?.form(form)?;
        let mut boundary = String::from("antin-form-boundary");
        while bytes
            .windows(boundary.len())
            .any(|w| w == boundary.as_bytes())
        {
            boundary.push('x');
        }
        let mut body = Vec::with_capacity(bytes.len() + 1_024);
        for (key, value) in &form.fields {
            body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{key}\"\r\n\r\n{value}\r\n").as_bytes());
        }
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let request = self
            .client
            .post(form.action.clone())
            .header("origin", form.action.origin().ascii_serialization())
            .header(
                "content-type",
                format!("multipart/form-data; boundary={boundary}"),
            )
            .header("accept", "text/html")
            .body(body);
        self.follow(request).await
    }

    /// Loads bytes as they are (a PDF).
    pub async fn download(&self, address: &str) -> Result<(u16, Vec<u8>), BrowserError> {
        let answer = self.client.get(address).send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.bytes().await?.to_vec()))
    }

    async fn follow(&self, request: reqwest::RequestBuilder) -> Result<Page, BrowserError> {
        let mut answer = request.send().await?;
        for _ in 0..12 {
            let url = answer.url().clone();
            let status = answer.status().as_u16();
            let location = answer
                .headers()
                .get(LOCATION)
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned);
            match location {
                Some(next) if (300..400).contains(&status) => {
                    let next = url
                        .join(&next)
                        .map_err(|_| BrowserError::Address(next.clone()))?;
                    answer = self
                        .client
                        .get(next)
                        .header("accept", "text/html")
                        .send()
                        .await?;
                }
                _ => {
                    let body = answer.text().await?;
                    return Ok(Page { url, status, body });
                }
            }
        }
        Err(BrowserError::Redirects(answer.url().clone()))
    }
}

impl Page {
    /// All forms of the page.
    pub fn forms(&self) -> Vec<Form> {
        let mut forms = Vec::new();
        let mut rest = self.body.as_str();
        while let Some(start) = rest.find("<form") {
            let from = rest.get(start..).unwrap_or_default();
            let end = from.find("</form>").unwrap_or(from.len());
            let inside = from.get(..end).unwrap_or_default();
            if let Some(form) = self.read_form(inside) {
                forms.push(form);
            }
            rest = from.get(end..).unwrap_or_default();
        }
        forms
    }

    /// The form with this id.
    pub fn form(&self, id: &str) -> Result<Form, BrowserError> {
        self.forms()
            .into_iter()
            .find(|f| f.id == id)
            .ok_or_else(|| self.no_form(id))
    }

    /// The first form that asks for a passkey of this kind (`get` or `create`).
    pub fn passkey_form(&self, kind: &str) -> Result<Form, BrowserError> {
        self.forms()
            .into_iter()
            .find(|f| f.webauthn.as_ref().is_some_and(|(k, _)| k == kind))
            .ok_or_else(|| self.no_form(&format!("passkey {kind}")))
    }

    /// The first form whose action ends so.
    pub fn form_to(&self, path: &str) -> Result<Form, BrowserError> {
        self.forms()
            .into_iter()
            .find(|f| f.action.path().ends_with(path))
            .ok_or_else(|| self.no_form(path))
    }

    /// The words of the page's main part (of all of it when it has none) without tags, white space folded.
    pub fn words(&self) -> String {
        let start = self.body.find("<main").unwrap_or(0);
        let mut out = String::new();
        let mut inside = false;
        for c in self.body.get(start..).unwrap_or_default().chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    out.push(' ');
                }
                c if !inside => out.push(c),
                _ => {}
            }
        }
        unescape(&out)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn no_form(&self, form: &str) -> BrowserError {
        BrowserError::NoForm {
            form: form.to_owned(),
            url: self.url.clone(),
            status: self.status,
            excerpt: self.words().chars().take(400).collect(),
        }
    }

    fn read_form(&self, inside: &str) -> Option<Form> {
        let open = inside.get(..inside.find('>')?)?;
        let action = attribute(open, "action").unwrap_or_default();
        let mut fields = Vec::new();
        for tag in tags(inside, "<input") {
            let kind = attribute(tag, "type").unwrap_or_default();
            let unchecked =
                matches!(kind.as_str(), "radio" | "checkbox") && !has_word(tag, "checked");
            if unchecked || kind == "submit" || kind == "file" {
                continue;
            }
            if let Some(name) = attribute(tag, "name") {
                fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        }
        Some(Form {
            id: attribute(open, "id").unwrap_or_default(),
            action: self.url.join(&action).ok()?,
            post: attribute(open, "method").is_some_and(|m| m.eq_ignore_ascii_case("post")),
            fields,
            webauthn: attribute(open, "data-webauthn").map(|kind| {
                let options = attribute(open, "data-options").unwrap_or_default();
                (kind, serde_json::from_str(&options).unwrap_or_default())
            }),
        })
    }
}

fn tags<'a>(text: &'a str, open: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    text.match_indices(open).filter_map(move |(at, _)| {
        let from = text.get(at..)?;
        from.get(..from.find('>')?)
    })
}

fn has_word(tag: &str, word: &str) -> bool {
    tag.split_whitespace()
        .any(|w| w.trim_end_matches('/') == word || w.starts_with(&format!("{word}=")))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        let at = rest.find(&format!("{name}="))?;
        let boundary = rest
            .get(..at)
            .and_then(|b| b.chars().last())
            .is_some_and(char::is_whitespace);
        let value = rest.get(at + name.len() + 1..)?;
        if boundary {
            let quote = value.chars().next()?;
            return if quote == '"' || quote == '\'' {
                let value = value.get(1..)?;
                value.get(..value.find(quote)?).map(unescape)
            } else {
                value.split_whitespace().next().map(unescape)
            };
        }
        rest = value;
    }
}

/// Turns the entities that our templates write back into characters.
fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let tail = rest.get(at..).unwrap_or_default();
        let end = tail.find(';').filter(|e| *e <= 8);
        let decoded = end
            .and_then(|e| tail.get(1..e))
            .and_then(|name| match name {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                "nbsp" => Some(' '),
                n if n.starts_with("#x") => u32::from_str_radix(n.get(2..)?, 16)
                    .ok()
                    .and_then(char::from_u32),
                n if n.starts_with('#') => n.get(1..)?.parse().ok().and_then(char::from_u32),
                _ => None,
            });
        match (decoded, end) {
            (Some(c), Some(e)) => {
                out.push(c);
                rest = tail.get(e + 1..).unwrap_or_default();
            }
            _ => {
                out.push('&');
                rest = tail.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_fields_and_its_passkey_options() {
        let page = Page {
            url: Url::parse("http://localhost:8080/login?next=%2F").unwrap(),
            status: 200,
            body: r#"<form id="khoa" method="post" action="/login/passkey" data-webauthn="get" data-options='{&quot;challenge&quot;:&#34;a&#34;}'>
                <input type="hidden" name="_csrf" value="x&amp;y"><input name="username" value=""><input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked></form>"#.into(),
        };
        let form = page.passkey_form("get").unwrap();
        assert_eq!(form.action.as_str(), "http://localhost:8080/login/passkey");
        assert_eq!(
            form.fields,
            [
                ("_csrf".into(), "x&y".into()),
                ("username".into(), String::new()),
                ("r".into(), "2".to_owned())
            ]
        );
        assert_eq!(form.webauthn.unwrap().1["challenge"], "a");
    }
}
