//! The door under a flood: what has a place goes on, what has none is told when to come back, and nobody hangs.
use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::header::{ACCEPT, COOKIE};
use tower::ServiceExt;

use super::*;
use crate::edge::routes::{Access, ROUTES, route};
use crate::testing;

const OURS: &[Route] = &[
    route("GET", "/held", Access::Public),
    route("GET", "/work", Access::Public),
    route("POST", "/secret", Access::Public).through(Lane::Secret),
    route("GET", "/who/{name}", Access::Public),
];

/// A router whose `/held` answers only when told to.
struct Door {
    router: Router,
    ground: Ground,
    inside: Arc<AtomicUsize>,
    release: Arc<Semaphore>,
}

impl Door {
    async fn new(limits: Limits, proxies: &[IpAddr]) -> Self {
        let mut ground = testing::ground(testing::sqlite().await, testing::Callers::default());
        ground.gate = Gate::new(&limits, proxies, &[ROUTES, OURS].concat());
        let (inside, release) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let (counted, told) = (inside.clone(), release.clone());
        let held = move || {
            let (counted, told) = (counted.clone(), told.clone());
            async move {
                counted.fetch_add(1, Ordering::SeqCst);
                told.acquire().await.unwrap().forget();
                "done"
            }
        };
        let worker = ground.clone();
        let work = move || {
            let db = worker.db.clone();
            async move {
                let mut conn = db.read().await.unwrap();
                crate::log::store::size(&mut conn).await.unwrap();
                "worked"
            }
        };
        let services = Router::new()
            .route("/held", get(held))
            .route("/work", get(work))
            .route("/secret", post(|| async { "checked" }))
            .route(
                "/who/{name}",
                get(|request: Request| async move {
                    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
                    info.map_or("nobody".into(), |info| info.0.ip().to_string())
                }),
            );
        Self {
            router: crate::edge::finish(services, &ground),
            ground,
            inside,
            release,
        }
    }

    async fn ask(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    fn spawn(&self, path: &'static str) -> tokio::task::JoinHandle<Response> {
        let router = self.router.clone();
        tokio::spawn(async move { router.oneshot(request("GET", path)).await.unwrap() })
    }

    /// Yields until `reached` says so; a test that never gets there is ended by its runner.
    async fn until(&self, reached: impl Fn(&Self) -> bool) {
        while !reached(self) {
            tokio::task::yield_now().await;
        }
    }

    fn waiting(&self) -> usize {
        self.ground.gate.0.usual.waiting.load(Ordering::SeqCst)
    }
}

fn request(method: &str, path: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .body(Body::empty())
        .unwrap()
}

fn from(peer: &str, mut request: Request<Body>) -> Request<Body> {
    let address = SocketAddr::new(peer.parse().unwrap(), 4000);
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

#[track_caller]
fn assert_shed(response: &Response, status: u16) {
    assert_eq!(response.status().as_u16(), status);
    let after = response.headers().get(RETRY_AFTER).unwrap();
    let seconds: u32 = after.to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds), "{seconds}");
    assert_eq!(response.headers().get_all(RETRY_AFTER).iter().count(), 1);
}

async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_full_door_sheds_at_once_serves_those_inside_and_keeps_the_free_lane_open() {
    let limits = Limits {
        requests: 2,
        waiting: 2,
        patience_ms: 3_600_000,
        ..Limits::default()
    };
    let door = Door::new(limits, &[]).await;
    let mut admitted = vec![door.spawn("/held"), door.spawn("/held")];
    door.until(|door| door.inside.load(Ordering::SeqCst) == 2)
        .await;
    admitted.extend([door.spawn("/held"), door.spawn("/held")]);
    door.until(|door| door.waiting() == 2).await;
    for _ in 0..20 {
        assert_shed(&door.ask(request("GET", "/held")).await, 503);
    }
    // Nobody is looked up for those turned away: the page is there without a database.
    door.ground.db.close().await;
    let mut for_a_browser = request("GET", "/work");
    for_a_browser
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("text/html"));
    let page = door.ask(for_a_browser).await;
    assert_shed(&page, 503);
    let page = text(page).await;
    assert!(page.contains("Hệ thống đang quá tải"), "{page}");
    let free = door.ask(request("GET", "/assets/antin.css")).await;
    assert_eq!(free.status(), StatusCode::OK);
    door.release.add_permits(5);
    for response in admitted {
        assert_eq!(response.await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!(door.waiting(), 0);
    let again = door.ask(request("GET", "/held")).await;
    assert_eq!(again.status(), StatusCode::OK);
    let figures = door.ground.db.measures().text().unwrap();
    assert!(
        figures.contains("antin_http_requests_shed_total{lane=\"usual\",reason=\"full\"} 21"),
        "{figures}"
    );
    assert!(
        figures.contains("route=\"/held\",status=\"503\"} 20"),
        "{figures}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_a_flood_every_answer_is_work_done_or_a_time_to_come_back() {
    let limits = Limits {
        requests: 4,
        waiting: 8,
        ..Limits::default()
    };
    let door = Door::new(limits, &[]).await;
    for _round in 0..3 {
        let flood: Vec<_> = (0..400).map(|_| door.spawn("/work")).collect();
        let (mut good, mut shed) = (0, 0);
        for response in flood {
            let response = response.await.unwrap();
            if response.status() == StatusCode::OK {
                good += 1;
            } else {
                assert_shed(&response, 503);
                shed += 1;
            }
        }
        assert_eq!(good + shed, 400);
        assert!(good >= 12, "only {good} of 400 were served");
    }
    assert_eq!(door.waiting(), 0);
    let after = door.ask(request("GET", "/work")).await;
    assert_eq!(after.status(), StatusCode::OK);
}

#[tokio::test]
async fn one_who_waits_longer_than_the_patience_is_told_to_come_back() {
    let limits = Limits {
        requests: 1,
        waiting: 4,
        patience_ms: 5,
        ..Limits::default()
    };
    let door = Door::new(limits, &[]).await;
    let inside = door.spawn("/held");
    door.until(|door| door.inside.load(Ordering::SeqCst) == 1)
        .await;
    assert_shed(&door.ask(request("GET", "/held")).await, 503);
    assert_eq!(door.waiting(), 0);
    door.release.add_permits(1);
    assert_eq!(inside.await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn guesses_are_counted_by_network_and_by_session_and_forgotten_after_a_minute() {
    let limits = Limits {
        network_per_minute: 3,
        caller_per_minute: 2,
        ..Limits::default()
    };
    let door = Door::new(limits, &[]).await;
    for peer in ["10.1.2.3", "10.1.2.4", "10.1.2.5"] {
        let answer = door.ask(from(peer, request("POST", "/secret"))).await;
        assert_eq!(answer.status(), StatusCode::OK, "{peer}");
    }
    assert_shed(
        &door.ask(from("10.1.2.6", request("POST", "/secret"))).await,
        429,
    );
    // What costs nothing goes on from there.
    let page = door.ask(from("10.1.2.6", request("GET", "/work"))).await;
    assert_eq!(page.status(), StatusCode::OK);
    let as_session = |peer: &str| {
        let mut request = from(peer, request("POST", "/secret"));
        let cookie = format!("{}=abc", cookies::session_name(&door.ground));
        request
            .headers_mut()
            .insert(COOKIE, cookie.parse().unwrap());
        request
    };
    for peer in ["10.2.1.1", "10.3.1.1"] {
        let answer = door.ask(as_session(peer)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{peer}");
    }
    assert_shed(&door.ask(as_session("10.4.1.1")).await, 429);
    door.ground.clock.advance(MINUTE);
    for request in [
        as_session("10.4.1.1"),
        from("10.1.2.6", request("POST", "/secret")),
    ] {
        assert_eq!(door.ask(request).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn the_address_is_what_the_nearest_trusted_proxy_says_and_nothing_else() {
    let proxies = ["127.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
    let door = Door::new(Limits::default(), &proxies).await;
    for (peer, said, expected) in [
        ("127.0.0.1", Some("203.0.113.9"), "203.0.113.9"),
        (
            "127.0.0.1",
            Some("198.51.100.1, 203.0.113.9"),
            "203.0.113.9",
        ),
        ("127.0.0.1", Some("203.0.113.9, 10.0.0.2"), "203.0.113.9"),
        ("127.0.0.1", Some("203.0.113.9, nonsense"), "127.0.0.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("203.0.113.7", Some("198.51.100.1"), "203.0.113.7"),
        ("::ffff:127.0.0.1", Some("2001:db8::7"), "2001:db8::7"),
    ] {
        let mut request = from(peer, request("GET", "/who/a"));
        if let Some(said) = said {
            request
                .headers_mut()
                .insert("x-forwarded-for", said.parse().unwrap());
        }
        let answer = text(door.ask(request).await).await;
        assert_eq!(answer, expected, "{peer} {said:?}");
    }
}

#[tokio::test]
async fn routes_are_counted_by_their_template_and_strangers_as_one() {
    let door = Door::new(Limits::default(), &[]).await;
    for path in [
        "/who/nguyen-van-a",
        "/who/le-thi-b",
        "/nguyen-van-a",
        "/x/y",
    ] {
        door.ask(request("GET", path)).await;
    }
    door.ask(request("BREW", "/who/c")).await;
    let figures = door.ground.db.measures().text().unwrap();
    for expected in [
        "method=\"GET\",route=\"/who/{name}\",status=\"200\"} 2",
        "method=\"GET\",route=\"other\",status=\"404\"} 2",
        "method=\"other\",route=\"/who/{name}\",status=\"405\"} 1",
    ] {
        assert!(figures.contains(expected), "{expected}\n{figures}");
    }
    assert!(!figures.contains("nguyen"), "{figures}");
}
