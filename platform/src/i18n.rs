//! Two languages, Vietnamese first: which one a request wants, and the texts of one crate in it.
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, StaticLoader, langid};
use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

static VI: LanguageIdentifier = langid!("vi");
static EN: LanguageIdentifier = langid!("en");

/// The language of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// `vi` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// Reads `vi`, `en`, `en-GB`, ….
    pub fn parse(text: &str) -> Option<Self> {
        match text
            .split(['-', '_'])
            .next()?
            .trim()
            .to_ascii_lowercase()
            .as_str()
        {
            "vi" => Some(Self::Vi),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The other one, for the language switch.
    pub fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }

    fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Self::Vi => &VI,
            Self::En => &EN,
        }
    }

    /// By `Accept-Language` (RFC 9110 §12.5.4): the first of our two by weight; Vietnamese when neither is asked for.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()) else {
            return Self::Vi;
        };
        let mut best = (0.0_f32, Self::Vi);
        for part in value.split(',').take(20) {
            let mut pieces = part.split(';');
            let Some(lang) = pieces.next().and_then(Self::parse) else {
                continue;
            };
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q=")?.parse::<f32>().ok())
                .unwrap_or(1.0);
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }
}

/// The texts of one crate in one language.
#[derive(Clone, Copy)]
pub struct Tongue {
    lang: Lang,
    texts: &'static StaticLoader,
}

impl Tongue {
    /// `Tongue::new(lang, &TEXTS)`.
    pub fn new(lang: Lang, texts: &'static StaticLoader) -> Self {
        Self { lang, texts }
    }

    /// The language.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The text of a key. A missing key shows as `{key}` and is logged: a test compares the files.
    pub fn text(&self, key: &str) -> String {
        self.found(key, self.texts.try_lookup(self.lang.identifier(), key))
    }

    /// The text of a key with its variables.
    pub fn with<V: AsRef<str>>(&self, key: &str, values: &[(&'static str, V)]) -> String {
        let values: HashMap<std::borrow::Cow<'static, str>, FluentValue<'_>> = values
            .iter()
            .map(|(name, value)| ((*name).into(), FluentValue::from(value.as_ref())))
            .collect();
        self.found(
            key,
            self.texts
                .try_lookup_with_args(self.lang.identifier(), key, &values),
        )
    }

    /// The text of a key with a number, so that the file can choose by plural.
    pub fn count(&self, key: &str, name: &'static str, number: i64) -> String {
        let values = HashMap::from([(std::borrow::Cow::Borrowed(name), FluentValue::from(number))]);
        self.found(
            key,
            self.texts
                .try_lookup_with_args(self.lang.identifier(), key, &values),
        )
    }

    fn found(&self, key: &str, text: Option<String>) -> String {
        text.unwrap_or_else(|| {
            tracing::error!(key, lang = self.lang.code(), "a text is missing");
            format!("{{{key}}}")
        })
    }
}
