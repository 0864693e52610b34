//! The door: who is asking (behind trusted proxies), how many at once in each lane, how often, and how it is counted.
//! Standard: RFC 9110 §15.6.4 (503), §10.2.3 (Retry-After); RFC 6585 §4 (429); X-Forwarded-For as proxies write it.
//! It must never queue without bound, read a body before it admits, or believe an address that no trusted proxy wrote.
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::cookies;
use super::routes::{Lane, Route};
use crate::Ground;
use crate::config::Limits;
use crate::telemetry::Measures;

/// What routes of no list are counted as.
const OTHER: &str = "other";
/// Networks or callers remembered within a minute; beyond that nobody new is admitted to the counted lanes.
const MOST_COUNTED: usize = 20_000;
const MINUTE: i64 = 60_000;

/// Places, shares and the list of routes. Clones share them.
#[derive(Clone)]
pub struct Gate(Arc<Shared>);

struct Shared {
    /// Path template → the same with lanes by method.
    routes: HashMap<&'static str, Listed>,
    usual: Places,
    secret: Places,
    document: Places,
    networks: Shares<String>,
    callers: Shares<[u8; 32]>,
    proxies: Vec<IpAddr>,
}

struct Listed {
    path: &'static str,
    lanes: Vec<(&'static str, Lane)>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gate({} paths)", self.0.routes.len())
    }
}

/// Why somebody is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shed {
    /// No place, and as many wait as may.
    Full,
    /// Waited as long as one may.
    Late,
    /// The network asked more often than its share.
    Network,
    /// The session or token asked more often than its share.
    Caller,
}

impl Shed {
    fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Late => "late",
            Self::Network => "network",
            Self::Caller => "caller",
        }
    }

    /// Status and seconds after which it is worth asking again.
    fn answer(self, now: i64) -> (StatusCode, i64) {
        match self {
            Self::Full | Self::Late => (StatusCode::SERVICE_UNAVAILABLE, 2),
            Self::Network | Self::Caller => {
                let left = MINUTE - now.rem_euclid(MINUTE);
                (StatusCode::TOO_MANY_REQUESTS, left / 1000 + 1)
            }
        }
    }
}

/// On an answer that was given at the door: its page is drawn without asking the database who is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtTheDoor;

/// Places for requests under way, and a short queue before them.
struct Places {
    free: Semaphore,
    waiting: AtomicUsize,
    most_waiting: usize,
    patience: Duration,
}

/// One of those who wait; counted out when it goes, served or not.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Places {
    fn new(places: usize, most_waiting: usize, patience: Duration) -> Self {
        Self {
            free: Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)),
            waiting: AtomicUsize::new(0),
            most_waiting,
            patience,
        }
    }

    async fn enter(&self) -> Result<SemaphorePermit<'_>, Shed> {
        if let Ok(place) = self.free.try_acquire() {
            return Ok(place);
        }
        let before = self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waiting = Waiting(&self.waiting);
        if before >= self.most_waiting {
            return Err(Shed::Full);
        }
        match tokio::time::timeout(self.patience, self.free.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Shed::Late),
        }
    }
}

/// How often one may ask within a minute, counted in memory.
struct Shares<K> {
    per_minute: u32,
    seen: Mutex<(i64, HashMap<K, u32>)>,
}

impl<K: std::hash::Hash + Eq> Shares<K> {
    fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            seen: Mutex::new((0, HashMap::new())),
        }
    }

    fn takes(&self, key: K, now: i64) -> bool {
        // Whoever panicked while counting left counters that are still counters.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now.div_euclid(MINUTE);
        if seen.0 != minute {
            *seen = (minute, HashMap::new());
        }
        if seen.1.len() >= MOST_COUNTED && !seen.1.contains_key(&key) {
            return false;
        }
        let count = seen.1.entry(key).or_insert(0);
        *count = count.saturating_add(1);
        *count <= self.per_minute
    }
}

/// The network an address belongs to: /24 of IPv4, /64 of IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            format!("{a}.{b}.{c}")
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

impl Gate {
    /// A gate with these limits, trusted proxies and routes.
    pub fn new(limits: &Limits, proxies: &[IpAddr], list: &[Route]) -> Self {
        let mut routes: HashMap<&'static str, Listed> = HashMap::new();
        for route in list {
            routes
                .entry(route.path)
                .or_insert_with(|| Listed {
                    path: route.path,
                    lanes: Vec::new(),
                })
                .lanes
                .push((route.method, route.lane));
        }
        let patience = Duration::from_millis(limits.patience_ms);
        let places = |places| Places::new(places, limits.waiting, patience);
        Self(Arc::new(Shared {
            routes,
            usual: places(limits.requests),
            secret: places(limits.secrets),
            document: places(limits.documents),
            networks: Shares::new(limits.network_per_minute),
            callers: Shares::new(limits.caller_per_minute),
            proxies: proxies.iter().map(IpAddr::to_canonical).collect(),
        }))
    }

    /// The template of a request's route, as listed, and its lane.
    fn known(&self, request: &Request) -> (&'static str, Lane) {
        let listed = request
            .extensions()
            .get::<MatchedPath>()
            .and_then(|path| self.0.routes.get(path.as_str()));
        let Some(listed) = listed else {
            return (OTHER, Lane::Usual);
        };
        let method = match *request.method() {
            Method::HEAD => "GET",
            _ => request.method().as_str(),
        };
        let lane = listed
            .lanes
            .iter()
            .find(|(known, _)| *known == method)
            .map_or(Lane::Usual, |(_, lane)| *lane);
        (listed.path, lane)
    }

    /// The template of a request's route, for log lines.
    pub(super) fn route(&self, request: &Request) -> &'static str {
        self.known(request).0
    }

    /// The address that asks: the peer's, or what the nearest trusted proxy says of it.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = |ip: &IpAddr| self.0.proxies.contains(&ip.to_canonical());
        let mut client = peer;
        let said: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        for text in said.iter().rev() {
            if !trusted(&client) {
                break;
            }
            match text.parse() {
                Ok(address) => client = address,
                Err(_) => break,
            }
        }
        client
    }

    fn shares(&self, client: IpAddr, headers: &HeaderMap, ground: &Ground) -> Result<(), Shed> {
        let now = ground.now();
        if !self.0.networks.takes(network(client), now) {
            return Err(Shed::Network);
        }
        let secret = headers
            .get(AUTHORIZATION)
            .map(HeaderValue::as_bytes)
            .or_else(|| cookies::find(headers, cookies::session_name(ground)).map(str::as_bytes));
        // The digest, so that no session or token lies in this table.
        if let Some(secret) = secret
            && !self.0.callers.takes(Sha256::digest(secret).into(), now)
        {
            return Err(Shed::Caller);
        }
        Ok(())
    }

    async fn enter(&self, lane: Lane) -> Result<Option<SemaphorePermit<'_>>, Shed> {
        let places = match lane {
            Lane::Free => return Ok(None),
            Lane::Usual => &self.0.usual,
            Lane::Secret => &self.0.secret,
            Lane::Document => &self.0.document,
        };
        places.enter().await.map(Some)
    }
}

/// Layer: the address that asks stands where handlers look for the peer's.
pub(super) async fn name_client(
    State(ground): State<Ground>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0);
    if let Some(peer) = peer {
        let client = ground.gate.client(peer.ip(), request.headers());
        if client != peer.ip() {
            request
                .extensions_mut()
                .insert(ConnectInfo(SocketAddr::new(client, 0)));
        }
    }
    next.run(request).await
}

/// Layer: admits or turns away.
pub(super) async fn admit(State(ground): State<Ground>, request: Request, next: Next) -> Response {
    let (_, lane) = ground.gate.known(&request);
    if matches!(lane, Lane::Secret | Lane::Document) {
        let client = request
            .extensions()
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        if let Err(shed) = ground.gate.shares(client, request.headers(), &ground) {
            return turned_away(&ground, lane, shed);
        }
    }
    match ground.gate.enter(lane).await {
        Ok(_place) => next.run(request).await,
        Err(shed) => turned_away(&ground, lane, shed),
    }
}

fn turned_away(ground: &Ground, lane: Lane, shed: Shed) -> Response {
    ground.db.measures().shed(lane.word(), shed.word());
    let (status, seconds) = shed.answer(ground.now());
    let mut response = status.into_response();
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response.extensions_mut().insert(AtTheDoor);
    response
}

/// What [`observe`] needs: whose measures, which gate, and the listener's name.
#[derive(Clone)]
pub(super) struct Observed {
    pub(super) measures: Measures,
    pub(super) gate: Gate,
    pub(super) listener: &'static str,
}

/// Layer: counts every answer, those given at the door among them.
pub(super) async fn observe(
    State(observed): State<Observed>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let _under_way = observed.measures.enter(observed.listener);
    let (route, _) = observed.gate.known(&request);
    let method = match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => OTHER,
    };
    let response = next.run(request).await;
    observed.measures.answered(
        observed.listener,
        method,
        route,
        response.status().as_u16(),
        began.elapsed(),
    );
    response
}

#[cfg(test)]
mod tests;
