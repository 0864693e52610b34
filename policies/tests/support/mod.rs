//! The top of the demo province on a fresh database, a papers' desk in memory, and a plain HTTP client.
#![allow(dead_code, reason = "tests")]

pub mod application;

use std::sync::{Arc, Mutex};

use platform::Ground;
use platform::audit::{Actor, Event};
use platform::caller::Caller;
use platform::db::Db;
use platform::testing::{self, Callers, MemorySigner};
use policies::engine::{Action, Capacity, Request, Resource};
use policies::flows::{activate_instrument, use_decision};
use policies::{
    Authority, Decided, DeskError, DeskFuture, InstrumentText, NewPaper, PaperDesk, PaperFacts,
    Policies,
};
use register::facts;
use register::flows::import_register::{self, Files, Tools};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub const ECONOMY: &str = "Kinh tế tổng hợp";
pub const CULTURE: &str = "Văn hóa - xã hội";
pub const DAY: i64 = 86_400_000;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/demo/data");

#[derive(Default)]
pub struct Desk {
    pub papers: Mutex<Vec<PaperFacts>>,
    pub drawn: Mutex<Vec<InstrumentText>>,
}

impl Desk {
    pub fn put(&self, id: &str, title: &str, kind: &str, field: Option<&str>, agency: &str) {
        self.papers.lock().unwrap().push(PaperFacts {
            id: id.into(),
            title: title.into(),
            kind: kind.into(),
            field: field.map(str::to_owned),
            agency: agency.into(),
            signed: false,
        });
    }
}

impl PaperDesk for Desk {
    fn render_instrument(&self, text: &InstrumentText) -> Result<Vec<u8>, DeskError> {
        self.drawn.lock().unwrap().push(text.clone());
        Ok(b"%PDF-1.7".to_vec())
    }
    fn submit<'a>(&'a self, paper: NewPaper) -> DeskFuture<'a, String> {
        let id = format!("pap_instrument_{}", self.papers.lock().unwrap().len());
        self.put(&id, &paper.title, &paper.kind, None, &paper.agency);
        Box::pin(async move { Ok(id) })
    }
    fn paper<'a>(&'a self, id: &'a str) -> DeskFuture<'a, Option<PaperFacts>> {
        let found = self
            .papers
            .lock()
            .unwrap()
            .iter()
            .find(|paper| paper.id == id)
            .cloned();
        Box::pin(async move { Ok(found) })
    }
}

/// Who and what the tests speak of.
pub struct Province {
    pub ground: Ground,
    pub callers: Callers,
    pub authority: Authority,
    pub desk: Arc<Desk>,
    pub log: platform::log::Log,
    pub agency: String,
    pub office: String,
    pub chair: Seat,
    pub economy: Seat,
    pub culture: Seat,
    pub clerk: Seat,
    pub department_head: Seat,
}

#[derive(Clone, Debug)]
pub struct Seat {
    pub person: String,
    pub name: String,
    pub post: String,
    pub appointment: String,
    pub agency: String,
}

fn lines_of(file: &str, keep: impl Fn(&[&str]) -> bool) -> Vec<u8> {
    let text = std::fs::read_to_string(format!("{DATA}/{file}")).unwrap();
    let mut lines = text.lines();
    let mut kept = vec![lines.next().unwrap()];
    kept.extend(lines.filter(|line| keep(&line.split(',').collect::<Vec<_>>())));
    let mut bytes = kept.join("\n").into_bytes();
    bytes.push(b'\n');
    bytes
}

impl Province {
    pub async fn on(db: Db) -> Self {
        platform::migrations::apply(&db, &[&register::MIGRATIONS, &policies::MIGRATIONS], 0)
            .await
            .unwrap();
        let callers = Callers::default();
        let ground = testing::ground(db.clone(), callers.clone());
        let ours = ["H08", "H08.01", "H08.02"];
        import_register::run(
            Tools {
                db: &db,
                entropy: &ground.entropy,
                sealer: &ground.sealer,
            },
            ground.now(),
            &Actor::System("test"),
            &Files {
                agencies: &lines_of("agencies.csv", |columns| ours.contains(&columns[0])),
                units: &lines_of("internal_units.csv", |_| true),
                posts: &lines_of("posts.csv", |_| true),
                officials: &lines_of("officials_6000.csv", |columns| ours.contains(&columns[9])),
            },
        )
        .await
        .unwrap();
        let authority = Authority::load(&db, &ground.entropy).await.unwrap();
        let log = platform::log::Log::new(
            db.clone(),
            ground.clock.clone(),
            "antin.example/log",
            Arc::new(MemorySigner::new("antin.example/log", [3; 32])),
        );
        let now = ground.now();
        let mut conn = db.read().await.unwrap();
        let agency = facts::agency_by_code(&mut conn, "H08", now)
            .await
            .unwrap()
            .unwrap()
            .id;
        let office = facts::agency_by_code(&mut conn, "H08.01", now)
            .await
            .unwrap()
            .unwrap()
            .id;
        let department = facts::agency_by_code(&mut conn, "H08.02", now)
            .await
            .unwrap()
            .unwrap()
            .id;
        let clerk_post = facts::posts_of_agency(&mut conn, &office, now)
            .await
            .unwrap()
            .into_iter()
            .find(|post| post.code == "VT")
            .unwrap()
            .id;
        let clerk = facts::holders_of(&mut conn, &clerk_post, now)
            .await
            .unwrap()
            .remove(0)
            .person;
        let head_post = facts::posts_of_agency(&mut conn, &department, now)
            .await
            .unwrap()
            .into_iter()
            .find(|post| post.is_head)
            .unwrap()
            .id;
        let head = facts::holders_of(&mut conn, &head_post, now)
            .await
            .unwrap()
            .remove(0)
            .person;
        let seat = async |conn: &mut platform::db::Conn, person: String| {
            let held = facts::posts_of(conn, &person, now).await.unwrap().remove(0);
            let name = facts::person(conn, &person)
                .await
                .unwrap()
                .unwrap()
                .full_name;
            Seat {
                person,
                name,
                post: held.post,
                appointment: held.appointment,
                agency: held.agency,
            }
        };
        let mut named = Vec::new();
        for staff_no in ["BD-000001", "BD-000002", "BD-000004"] {
            let person = facts::person_by_staff_no(&mut conn, staff_no)
                .await
                .unwrap()
                .unwrap()
                .id;
            named.push(seat(&mut conn, person).await);
        }
        let [chair, economy, culture] = named.try_into().unwrap();
        let clerk = seat(&mut conn, clerk).await;
        let department_head = seat(&mut conn, head).await;
        drop(conn);
        let desk = Arc::new(Desk::default());
        desk.put(
            "pap_culture",
            "Khen thưởng đột xuất",
            "quyet_dinh",
            Some(CULTURE),
            &agency,
        );
        desk.put(
            "pap_culture_2",
            "Cấp phép lễ hội",
            "quyet_dinh",
            Some(CULTURE),
            &agency,
        );
        desk.put(
            "pap_economy",
            "Phân bổ kinh phí sửa chữa đê biển",
            "quyet_dinh",
            Some(ECONOMY),
            &agency,
        );
        Self {
            ground,
            callers,
            authority,
            desk,
            log,
            agency,
            office,
            chair,
            economy,
            culture,
            clerk,
            department_head,
        }
    }

    pub fn caller(&self, seat: &Seat) -> Caller {
        Caller {
            name: seat.name.clone(),
            appointment: Some(seat.appointment.clone()),
            agency: Some(seat.agency.clone()),
            ..testing::caller(&seat.person, Some(&seat.post))
        }
    }

    pub fn ask(&self, seat: &Seat, paper: &str, field: &str, at: i64) -> Request {
        Request {
            person: seat.person.clone(),
            post: seat.post.clone(),
            action: Action::Sign,
            resource: Resource {
                id: paper.into(),
                kind: "quyet_dinh".into(),
                field: Some(field.into()),
                agency: self.agency.clone(),
                ..Resource::default()
            },
            capacity: Some(Capacity::TmKt),
            at,
        }
    }

    /// Uses a decision in a unit of its own, as an act does.
    pub async fn use_it(
        &self,
        decided: &Decided,
        act: &str,
    ) -> Result<(), use_decision::UseDecision> {
        let (now, entropy) = (self.ground.now(), &self.ground.entropy);
        self.ground
            .db
            .write(|mut tx| async move {
                let event = use_decision::in_unit(&mut tx, decided, act, now, entropy).await?;
                Ok(tx.commit(event, ()))
            })
            .await
    }

    /// The chair signed the paper that carries an instrument.
    pub async fn signed(
        &self,
        paper: &str,
        by: &Seat,
    ) -> Result<Option<String>, activate_instrument::ActivateInstrument> {
        let (now, entropy) = (self.ground.now(), &self.ground.entropy);
        let signer = activate_instrument::Signer {
            person: &by.person,
            post: &by.post,
        };
        let made = self
            .ground
            .db
            .write(|mut tx| async move {
                let signature = Event::new("test.signature", now, Actor::System("test"), entropy);
                let activated = activate_instrument::in_unit(
                    &mut tx,
                    paper,
                    signer,
                    "sha-256:00",
                    now,
                    entropy,
                )
                .await?;
                Ok::<_, activate_instrument::ActivateInstrument>(match activated {
                    None => tx.commit(signature, None),
                    Some(activated) => tx
                        .commit(signature, activated.mandates.into_iter().next())
                        .and(activated.event),
                })
            })
            .await?;
        self.authority.refresh(&self.ground.db).await.unwrap();
        Ok(made)
    }

    pub async fn raise_epoch(&self) {
        let (now, entropy) = (self.ground.now(), &self.ground.entropy);
        self.ground
            .db
            .write(|mut tx| async move {
                register::epoch::raise(&mut tx).await?;
                Ok::<_, platform::db::Error>(tx.commit(
                    Event::new("test.raised", now, Actor::System("test"), entropy),
                    (),
                ))
            })
            .await
            .unwrap();
    }

    /// Serves the pages and gives a client.
    pub async fn serve(&self) -> Browser {
        let policies = Policies::new(
            self.ground.clone(),
            self.authority.clone(),
            self.desk.clone(),
            policies::config::Config::default(),
        );
        let app = platform::edge::finish(policies::router(Arc::new(policies)), &self.ground);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Browser(address)
    }
}

/// A client that speaks HTTP/1.1 and closes.
pub struct Browser(std::net::SocketAddr);

pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
    pub fn csrf(&self) -> String {
        let (_, rest) = self
            .body
            .split_once("name=\"_csrf\" value=\"")
            .expect("a form token");
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub fn at(address: std::net::SocketAddr) -> Self {
        Self(address)
    }

    pub async fn send(&self, request: String) -> Reply {
        let mut stream = tokio::net::TcpStream::connect(self.0).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = match head.to_lowercase().contains("transfer-encoding: chunked") {
            true => unchunk(body),
            false => body.to_owned(),
        };
        Reply {
            status,
            head: head.to_lowercase(),
            body,
        }
    }

    pub async fn get(&self, cookie: &str, path: &str) -> Reply {
        self.send(format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:8080\r\nAccept: text/html\r\nAccept-Language: vi\r\nCookie: antin={cookie}\r\nConnection: close\r\n\r\n"
        ))
        .await
    }

    pub async fn post(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        let body = body.join("&");
        self.send(format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: http://localhost:8080\r\nAccept: text/html\r\nAccept-Language: vi\r\nCookie: antin={cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
        .await
    }

    pub async fn ask(&self, token: Option<&str>, body: &serde_json::Value) -> Reply {
        let body = body.to_string();
        let bearer = token
            .map(|token| format!("Authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        self.send(format!(
            "POST /access/v1/evaluation HTTP/1.1\r\nHost: localhost:8080\r\n{bearer}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
        .await
    }
}

fn unchunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        whole.push_str(&rest[..size]);
        body = &rest[size + 2..];
    }
    whole
}

pub fn escape(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
