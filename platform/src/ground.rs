//! What every service's state holds: the shared parts, cheap to clone.
use std::sync::Arc;

use arc_swap::ArcSwap;
use url::Url;

use crate::caller::CallerPort;
use crate::clock::Clock;
use crate::db::Db;
use crate::edge::Gate;
use crate::notices::NoticePort;
use crate::pages::NavItem;
use crate::random::Entropy;
use crate::secrets::Sealer;

/// The shared parts of the program.
#[derive(Clone)]
pub struct Ground {
    /// The database.
    pub db: Db,
    /// The present instant.
    pub clock: Clock,
    /// Random bytes.
    pub entropy: Entropy,
    /// Sealed columns, blind indexes and keys derived for one purpose.
    pub sealer: Sealer,
    /// Issuer and pages.
    pub public_url: Url,
    /// CRL, OCSP, AIA, TSA over plain HTTP.
    pub status_url: Url,
    /// How many requests at once, how often, and through which trusted proxies.
    pub gate: Gate,
    /// Who asks.
    pub callers: Arc<dyn CallerPort>,
    /// How many notices wait to be read.
    pub notices: Arc<dyn NoticePort>,
    /// Whether every page says that this is a demonstration.
    pub demo: bool,
    /// The province's name under the mark, such as "tỉnh Bình Định".
    pub province: Arc<str>,
    /// The pages that exist, in the order of the bar.
    pub nav: Arc<Vec<NavItem>>,
    /// Origins besides our own to which a form may end up after a redirect (relying applications).
    pub form_targets: Arc<ArcSwap<Vec<String>>>,
}

impl Ground {
    /// Now, UTC ms.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Whether pages are served over TLS as the browser sees it.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The origin of `public_url`, without a trailing slash.
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// Replaces the origins to which forms may end up.
    pub fn publish_form_targets(&self, origins: Vec<String>) {
        self.form_targets.store(Arc::new(origins));
    }
}
